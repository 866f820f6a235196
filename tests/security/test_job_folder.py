# SPDX-License-Identifier: GPL-3.0-or-later
"""Job folders that somebody else made: what they say is checked, and nothing outside of them is read or written."""

import json
import os

import pytest

from blender_text3d.client import recovery
from blender_text3d.client.event_tail import EventTail
from blender_text3d.protocol.create_job import create_job, request_file
from blender_text3d.protocol.errors import BadRequest, InvalidJob
from blender_text3d.protocol.events import Cancelled, Queued
from blender_text3d.protocol.job_folder import JobFolder
from blender_text3d.protocol.request import Request, make_requests
from tests.security.conftest import NO_PLAIN_FILES

pytestmark = pytest.mark.usefixtures("bounded")
(REQUEST,) = make_requests("a red chair", seed=5)
VALUES = json.loads(REQUEST.to_json())
DEEP = "[" * 100_000
LONGEST_SENTENCE = 400


@pytest.fixture
def job(tmp_path) -> JobFolder:
    return create_job(tmp_path / "jobs", REQUEST)


def sentence(error: Exception) -> str:
    said = str(error)
    assert 0 < len(said) < LONGEST_SENTENCE and "\n" not in said and said.isprintable(), said[:LONGEST_SENTENCE]
    return said


def refused(job: JobFolder) -> str:
    with pytest.raises(InvalidJob) as refusal:
        job.read_request()
    return sentence(refusal.value)


def with_request(content: str) -> str:
    return json.dumps(request_file("id", REQUEST)).replace(REQUEST.to_json(), content)


ODD = {
    "nothing": "",
    "deep": DEEP,
    "a deep request": with_request(DEEP + "]" * 100_000),
    "a deep prompt": with_request(json.dumps(VALUES).replace('"a red chair"', DEEP + "]" * 100_000)),
    "a list": "[1, 2]",
    "a number": "5",
    "nothing at all": "null",
    "another format": '{"format": 99, "request": {}}',
    "a format of much text": json.dumps({"format": "x" * 10**5}),
    "a number without end": with_request(json.dumps(VALUES).replace('"seed": 5', '"seed": 1e400')),
    "no number": with_request(json.dumps(VALUES).replace('"size_m": 1.0', '"size_m": NaN')),
    "four hundred digits": with_request(json.dumps(VALUES).replace('"size_m": 1.0', '"size_m": 1' + "0" * 400)),
    "ten thousand digits": with_request(json.dumps(VALUES).replace('"seed": 5', '"seed": 1' + "0" * 10_000)),
    "a key twice": with_request(json.dumps(VALUES).replace('"seed": 5', '"seed": 5, "seed": 6')),
    "half a letter": with_request(json.dumps(VALUES).replace("a red chair", "\\ud800")),
    "a long unknown key": with_request(json.dumps(VALUES | {"\x1b[31m" * 9999: 1})),
}  # fmt: skip


@pytest.mark.parametrize("odd", ODD)
def test_a_request_file_that_is_odd_is_one_sentence(job, odd):
    job.request.write_text(ODD[odd])
    assert job.job_id in refused(job)


def test_bytes_that_are_no_text_are_one_sentence(job):
    job.request.write_bytes(b"\xff\xfe\x00")
    refused(job)


@pytest.mark.parametrize("value", [None, True, -1, 10**400, 1e308, "x" * 10_000, "\x1b[31m", [], [[]], {}, {"a": 1}])
@pytest.mark.parametrize("name", VALUES)
def test_a_value_of_any_other_kind_is_one_sentence(name, value):
    try:
        made = Request.from_values(VALUES | {name: value})
    except BadRequest as error:
        sentence(error)
    else:
        assert name in ("image", "latent") and isinstance(getattr(made, name), str)


def test_a_request_file_of_a_gigabyte_is_not_read(job):
    with job.request.open("ab") as file:
        file.truncate(2**30)
    refused(job)


@pytest.mark.parametrize("what", NO_PLAIN_FILES)
@pytest.mark.parametrize("name", ["request.json", "events.jsonl", "claim.json"])
def test_what_is_no_plain_file_is_not_waited_for(job, put_no_file, name, what):
    (job.path / name).unlink(missing_ok=True)
    put_no_file(job.path / name, what)
    recovery.state(job), recovery.is_abandoned(job), job.claimed_by(), recovery.submitter_exited(job)
    assert job.events() == EventTail(job.journal).new_events() or name != "events.jsonl"
    if name == "request.json":
        refused(job)


LEADS_OUT = [
    "../secret", "/etc/passwd", "..", ".", "a/b", "a\\b", "\\\\host\\share\\a.png", "C:a.png", "a.png:b", "a\0b",
    "x" * 5000, " ", "link.npz", "\ud800",
]  # fmt: skip
WRITTEN = ["events.jsonl", "worker.log", "job.rrd", "preview.npz.part", "views/000.png.part", "cancel"]


@pytest.mark.parametrize("name", LEADS_OUT)
def test_no_name_leads_out_of_a_job_folder(job, tmp_path, name):
    (tmp_path / "jobs" / "secret").write_text("secret")
    (job.path / "link.npz").symlink_to(tmp_path / "jobs" / "secret")
    with pytest.raises(InvalidJob) as refusal:
        job.input_file(name)
    sentence(refusal.value)


CLAIMS = ["{}", "[]", DEEP, '{"pid": "1"}', '{"pid": 1e400}', f'{{"pid": {10**400}}}', '{"pid": -5}', '{"host": 3}']


@pytest.mark.parametrize("claim", CLAIMS)
def test_a_claim_that_is_odd_is_one_that_was_half_written_or_our_own(job, claim):
    (job.path / "claim.json").write_text(claim)
    assert job.claimed_by() is not None
    assert recovery.state(job) in ("running", "interrupted")


@pytest.mark.parametrize("name", WRITTEN)
def test_who_claims_a_job_finds_no_link_in_it(job, tmp_path, name):
    secret = tmp_path / "secret"
    secret.write_text("untouched")
    link = job.path / name
    link.parent.mkdir(exist_ok=True)
    link.unlink(missing_ok=True)
    link.symlink_to(secret)
    assert job.claim() and not link.is_symlink()
    job.append(Queued())
    assert secret.read_text() == "untouched" and job.events()


@pytest.mark.parametrize("name", ["worker.log", "preview.npz.part", "job.rrd"])
def test_who_claims_a_job_finds_no_pipe_in_it(job, name):
    os.mkfifo(job.path / name)
    assert job.claim() and not (job.path / name).exists()


def test_a_folder_that_a_link_stands_for_is_left_alone(job, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "kept").write_text("")
    (job.path / "views").symlink_to(outside)
    job.claim()
    assert (outside / "kept").exists() and not (job.path / "views").exists()


def test_an_interrupted_job_of_somebody_else_writes_nowhere_else(job, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("untouched\n")
    (job.path / "claim.json").write_text(json.dumps({"pid": 2**22 + 1, "parent": 1, "host": os.uname().nodename}))
    job.journal.unlink()
    job.journal.symlink_to(secret)
    assert recovery.interrupted(job.path.parent) == [job]
    with pytest.raises(OSError, match="a symbolic link"):
        job.append(Cancelled(stage="", index=0))
    assert secret.read_text() == "untouched\n"


@pytest.mark.parametrize("what", [*NO_PLAIN_FILES[:3], "a terabyte"])
@pytest.mark.parametrize("field", ["image", "latent"])
def test_what_is_no_plain_file_is_not_copied_into_a_job(tmp_path, put_no_file, field, what):
    source = tmp_path / "input.npz"
    if what == "a terabyte":
        source.touch()
        os.truncate(source, 10**12)
    else:
        put_no_file(source, what)
    (request,) = make_requests("a red chair", **{field: str(source)})
    with pytest.raises(BadRequest) as refusal:
        create_job(tmp_path / "jobs", request)
    assert str(source) in str(refusal.value) and list((tmp_path / "jobs").iterdir()) == []


@pytest.mark.parametrize("chosen", [{"prompt": 5}, {"prompt": None}, {"image": 5}, {"image": []}])
def test_who_asks_with_what_is_no_text_is_told(chosen):
    with pytest.raises(BadRequest, match="not text"):
        make_requests(**({"prompt": "a red chair"} | chosen))
