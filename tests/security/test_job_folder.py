# SPDX-License-Identifier: GPL-3.0-or-later
"""Untrusted job folders: their values are checked, and nothing outside of them is read or written."""

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
from tests.security.conftest import SPECIAL_FILES

pytestmark = pytest.mark.usefixtures("bounded")
(REQUEST,) = make_requests("a red chair", seed=5)
VALUES = json.loads(REQUEST.to_json())
DEEP = "[" * 100_000
MAX_MESSAGE_LENGTH = 400


@pytest.fixture
def job(tmp_path) -> JobFolder:
    return create_job(tmp_path / "jobs", REQUEST)


def checked_message(error: Exception) -> str:
    message = str(error)
    assert 0 < len(message) < MAX_MESSAGE_LENGTH
    assert "\n" not in message
    assert message.isprintable()
    return message


def refused(job: JobFolder) -> str:
    with pytest.raises(InvalidJob) as refusal:
        job.read_request()
    return checked_message(refusal.value)


def with_request(content: str) -> str:
    return json.dumps(request_file("id", REQUEST)).replace(REQUEST.to_json(), content)


INVALID_REQUESTS = {
    "nothing": "",
    "deep": DEEP,
    "a deep request": with_request(DEEP + "]" * 100_000),
    "a deep prompt": with_request(json.dumps(VALUES).replace('"a red chair"', DEEP + "]" * 100_000)),
    "a list": "[1, 2]",
    "a number": "5",
    "null": "null",
    "another format": '{"format": 99, "request": {}}',
    "a format of long text": json.dumps({"format": "x" * 10**5}),
    "infinity": with_request(json.dumps(VALUES).replace('"seed": 5', '"seed": 1e400')),
    "not a number": with_request(json.dumps(VALUES).replace('"size_m": 1.0', '"size_m": NaN')),
    "four hundred digits": with_request(json.dumps(VALUES).replace('"size_m": 1.0', '"size_m": 1' + "0" * 400)),
    "ten thousand digits": with_request(json.dumps(VALUES).replace('"seed": 5', '"seed": 1' + "0" * 10_000)),
    "a key twice": with_request(json.dumps(VALUES).replace('"seed": 5', '"seed": 5, "seed": 6')),
    "half a character": with_request(json.dumps(VALUES).replace("a red chair", "\\ud800")),
    "a long unknown key": with_request(json.dumps(VALUES | {"\x1b[31m" * 9999: 1})),
}  # fmt: skip


@pytest.mark.parametrize("name", INVALID_REQUESTS)
def test_an_invalid_request_file_is_reported_in_one_sentence(job, name):
    job.request.write_text(INVALID_REQUESTS[name])
    assert job.job_id in refused(job)


def test_a_request_file_that_is_not_utf_8_is_reported_in_one_sentence(job):
    job.request.write_bytes(b"\xff\xfe\x00")
    refused(job)


@pytest.mark.parametrize("value", [None, True, -1, 10**400, 1e308, "x" * 10_000, "\x1b[31m", [], [[]], {}, {"a": 1}])
@pytest.mark.parametrize("name", VALUES)
def test_a_value_of_another_type_is_reported_in_one_sentence(name, value):
    try:
        request = Request.from_values(VALUES | {name: value})
    except BadRequest as error:
        checked_message(error)
    else:
        assert name in ("image", "latent", "object", "is_flat")
        assert type(getattr(request, name)) is type(VALUES[name])


def test_a_request_file_of_a_gigabyte_is_not_read(job):
    with job.request.open("ab") as file:
        file.truncate(2**30)
    refused(job)


@pytest.mark.parametrize("what", SPECIAL_FILES)
@pytest.mark.parametrize("name", ["request.json", "events.jsonl", "claim.json"])
def test_a_special_file_does_not_block(job, make_special_file, name, what):
    (job.path / name).unlink(missing_ok=True)
    make_special_file(job.path / name, what)
    recovery.state(job), recovery.is_abandoned(job), job.claimed_by(), recovery.submitter_exited(job)
    assert job.events() == EventTail(job.journal).new_events() or name != "events.jsonl"
    if name == "request.json":
        refused(job)


OUTSIDE_NAMES = [
    "../secret", "/etc/passwd", "..", ".", "a/b", "a\\b", "\\\\host\\share\\a.png", "C:a.png", "a.png:b", "a\0b",
    "x" * 5000, " ", "link.npz", "\ud800",
]  # fmt: skip
OUTPUT_FILES = ["events.jsonl", "worker.log", "job.rrd", "preview.npz.part", "views/000.png.part", "cancel"]


@pytest.mark.parametrize("name", OUTSIDE_NAMES)
def test_a_name_outside_the_job_folder_is_refused(job, tmp_path, name):
    (tmp_path / "jobs" / "secret").write_text("secret")
    (job.path / "link.npz").symlink_to(tmp_path / "jobs" / "secret")
    with pytest.raises(InvalidJob) as refusal:
        job.input_file(name)
    checked_message(refusal.value)


CLAIMS = ["{}", "[]", DEEP, '{"pid": "1"}', '{"pid": 1e400}', f'{{"pid": {10**400}}}', '{"pid": -5}', '{"host": 3}']


@pytest.mark.parametrize("claim", CLAIMS)
def test_an_invalid_claim_counts_as_incomplete(job, claim):
    (job.path / "claim.json").write_text(claim)
    assert job.claimed_by() is not None
    assert recovery.state(job) in ("running", "interrupted")


@pytest.mark.parametrize("name", OUTPUT_FILES)
def test_claiming_a_job_removes_symbolic_links(job, tmp_path, name):
    secret = tmp_path / "secret"
    secret.write_text("untouched")
    link = job.path / name
    link.parent.mkdir(exist_ok=True)
    link.unlink(missing_ok=True)
    link.symlink_to(secret)
    assert job.claim()
    assert not link.is_symlink()
    job.append(Queued())
    assert secret.read_text() == "untouched"
    assert job.events()


@pytest.mark.parametrize("name", ["worker.log", "preview.npz.part", "job.rrd"])
def test_claiming_a_job_removes_pipes(job, name):
    os.mkfifo(job.path / name)
    assert job.claim()
    assert not (job.path / name).exists()


def test_the_target_of_a_linked_folder_is_not_changed(job, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "kept").write_text("")
    (job.path / "views").symlink_to(outside)
    job.claim()
    assert (outside / "kept").exists()
    assert not (job.path / "views").exists()


def test_an_interrupted_job_is_not_written_through_a_link(job, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("untouched\n")
    (job.path / "claim.json").write_text(json.dumps({"pid": 2**22 + 1, "parent": 1, "host": os.uname().nodename}))
    job.journal.unlink()
    job.journal.symlink_to(secret)
    assert recovery.interrupted(job.path.parent) == [job]
    with pytest.raises(OSError, match="a symbolic link"):
        job.append(Cancelled(stage="", index=0))
    assert secret.read_text() == "untouched\n"


@pytest.mark.parametrize("what", [*SPECIAL_FILES[:3], "a terabyte"])
@pytest.mark.parametrize("field", ["image", "latent"])
def test_a_special_file_is_not_copied_into_a_job(tmp_path, make_special_file, field, what):
    source = tmp_path / "input.npz"
    if what == "a terabyte":
        source.touch()
        os.truncate(source, 10**12)
    else:
        make_special_file(source, what)
    (request,) = make_requests("a red chair", **{field: str(source)})
    with pytest.raises(BadRequest) as refusal:
        create_job(tmp_path / "jobs", request)
    assert str(source) in str(refusal.value)
    assert list((tmp_path / "jobs").iterdir()) == []


@pytest.mark.parametrize("choice", [{"prompt": 5}, {"prompt": None}, {"image": 5}, {"image": []}])
def test_a_value_that_is_not_text_is_refused(choice):
    with pytest.raises(BadRequest, match="not text"):
        make_requests(**({"prompt": "a red chair"} | choice))
