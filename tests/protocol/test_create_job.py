# SPDX-License-Identifier: GPL-3.0-or-later
"""Creation of a job folder: its name, its files, and what is left after a failure."""

import errno
import json
import os
import re
import time
from pathlib import Path

import pytest

from blender_text3d.protocol import create_job as create_job_module
from blender_text3d.protocol.create_job import create_job, names_in, new_job_id, second_after, slug
from blender_text3d.protocol.errors import BadRequest, InvalidJob
from blender_text3d.protocol.request import make_requests
from blender_text3d.protocol.version import ENGINE_VERSION
from blender_text3d.system.machine import machine_id
from blender_text3d.system.process import own_start_token

REQUEST = make_requests("a red chair", seed=5, rotation_deg=90)[0]
NOW = "20260102-030405"


@pytest.fixture
def fixed_clock(monkeypatch):
    real = time.strftime  # which datetime uses, too
    monkeypatch.setattr(time, "strftime", lambda form, when=None: real(form, when) if when else NOW)


def test_the_request_is_stored_with_everything_needed_to_make_it_again(tmp_path):
    before = time.time()
    job = create_job(tmp_path, REQUEST)
    stored = json.loads(job.request.read_text())
    assert before <= stored.pop("created") <= time.time()
    assert stored == {
        "format": 1,
        "job_id": job.path.name,
        "engine_version": ENGINE_VERSION,
        "request": REQUEST.to_values(),
    }
    assert stored["request"]["turn_deg"] == 90
    assert '\n  "format": 1,\n' in job.request.read_text()


@pytest.mark.parametrize("choice", [{}, {"is_for_blender": True}, {"is_for_blender": False}])
def test_the_first_event_identifies_the_submitting_process(tmp_path, choice):
    (queued,) = create_job(tmp_path, REQUEST, **choice).events()
    assert (queued.pid, queued.machine, queued.started) == (os.getpid(), machine_id(), own_start_token())
    assert queued.is_for_blender is choice.get("is_for_blender", True)


def test_the_jobs_folder_is_created_and_its_path_made_absolute(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    job = create_job("some/jobs", REQUEST)
    assert job.path.parent == tmp_path / "some" / "jobs"
    assert job.read_request() == REQUEST


def test_others_see_the_folder_only_when_it_is_complete(tmp_path, monkeypatch):
    seen = []

    def rename(draft: Path, folder: Path) -> None:
        seen.append((draft.name, sorted(path.name for path in draft.iterdir()), folder.name, folder.exists()))
        draft.rename(folder)

    monkeypatch.setattr(create_job_module, "replace_with_retry", rename)
    job = create_job(tmp_path, REQUEST)
    assert seen == [(f".{job.job_id}.part", ["events.jsonl", "request.json"], job.job_id, False)]


def test_a_folder_that_cannot_be_renamed_is_removed_and_named(tmp_path, monkeypatch):
    def fail(draft: Path, folder: Path) -> None:
        raise PermissionError(13, "Access is denied")

    monkeypatch.setattr(create_job_module, "replace_with_retry", fail)
    with pytest.raises(InvalidJob) as refusal:
        create_job(tmp_path, REQUEST)
    assert str(refusal.value) == (
        f"The jobs folder {tmp_path} cannot be written (Access is denied). "
        "Free some space, or choose another folder in the preferences."
    )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("source", "copy"),
    [
        ("Chair.PNG", "input_image.png"),
        ("chair", "input_image"),
        ("old.chair.jpeg", "input_image.jpeg"),
        (".hidden", "input_image"),
        ("chair.abcdefgh", "input_image.abcdefg"),
        ("chair.png ", "input_image"),
        ("chair.a:b", "input_image"),
    ],
)
def test_a_copy_has_the_suffix_of_its_source_if_that_is_safe(tmp_path, source, copy):
    (tmp_path / source).write_bytes(b"pixels")
    (request,) = make_requests("a red chair", image=str(tmp_path / source))
    job = create_job(tmp_path / "jobs", request)
    assert job.read_request().image == copy
    assert (job.path / copy).read_bytes() == b"pixels"
    assert {path.name for path in job.path.iterdir()} == {"request.json", "events.jsonl", copy}


def test_an_image_and_a_latent_have_copies_of_their_own(tmp_path):
    (tmp_path / "a.npz").write_bytes(b"pixels")
    (tmp_path / "b.npz").write_bytes(b"numbers")
    (request,) = make_requests("a red chair", image=str(tmp_path / "a.npz"), latent=str(tmp_path / "b.npz"))
    job = create_job(tmp_path / "jobs", request)
    own = job.read_request()
    assert (own.image, own.latent) == ("input_image.npz", "input_latent.npz")
    assert job.input_file(own.image).read_bytes() == b"pixels"
    assert job.input_file(own.latent).read_bytes() == b"numbers"


def refusal_of(tmp_path, source: Path) -> str:
    (request,) = make_requests("a red chair", image=str(source))
    with pytest.raises(BadRequest) as refusal:
        create_job(tmp_path / "jobs", request)
    assert list((tmp_path / "jobs").iterdir()) == []
    return str(refusal.value)


def test_an_input_of_exactly_the_limit_is_copied_and_one_byte_more_is_not(tmp_path, monkeypatch):
    monkeypatch.setattr(create_job_module, "MAX_INPUT_BYTES", 6)
    source = tmp_path / "a.png"
    source.write_bytes(b"123456")
    assert create_job(tmp_path / "jobs", make_requests("a red chair", image=str(source))[0])
    source.write_bytes(b"1234567")
    assert refusal_of(tmp_path / "more", source) == (
        f"The file {source} cannot be used (a.png has 7 bytes, more than the limit of 6). Choose another file."
    )


def test_an_input_of_more_than_256_megabytes_is_refused(tmp_path):
    source = tmp_path / "a.png"
    with source.open("wb") as file:
        file.truncate(2**28 + 1)
    assert "268,435,457 bytes, more than the limit of 268,435,456)" in refusal_of(tmp_path, source)


def test_a_pipe_or_folder_is_not_an_input(tmp_path):
    os.mkfifo(tmp_path / "pipe.png")
    for source in (tmp_path / "pipe.png", tmp_path):
        assert refusal_of(tmp_path, source) == (
            f"The file {source} cannot be read (not a regular file). Choose another file."
        )


def test_a_disk_that_is_full_while_an_input_is_copied_is_a_problem_of_the_jobs_folder(tmp_path, monkeypatch):
    def fill_disk(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    (tmp_path / "a.png").write_bytes(b"pixels")
    monkeypatch.setattr(create_job_module.shutil, "copyfileobj", fill_disk)
    with pytest.raises(InvalidJob, match=r"jobs cannot be written \(No space left on device\)\. Free some space"):
        create_job(tmp_path / "jobs", make_requests("a red chair", image=str(tmp_path / "a.png"))[0])
    assert list((tmp_path / "jobs").iterdir()) == []


def test_a_long_or_unprintable_path_is_shown_in_short(tmp_path):
    sentence = "The file {} cannot be read (No such file or directory). Choose another file."
    long_path = Path("/nowhere") / "/".join(["x" * 99] * 5)
    assert refusal_of(tmp_path, long_path) == sentence.format(str(long_path)[:300])
    assert refusal_of(tmp_path, Path("/nowhere/\x1b[31m")) == sentence.format("/nowhere/\ufffd[31m")


def test_a_folder_that_cannot_be_listed_has_no_names(tmp_path):
    (tmp_path / "a").touch()
    assert names_in(tmp_path) == ["a"]
    assert names_in(tmp_path / "gone") == []


def test_an_id_is_the_local_time_the_prompt_and_six_random_digits():
    before = time.strftime("%Y%m%d-%H%M%S")
    job_id = new_job_id("A Red Chair!")
    assert re.fullmatch(r"\d{8}-\d{6}-a-red-chair-[0-9a-f]{6}", job_id)
    assert before <= job_id[:15] <= time.strftime("%Y%m%d-%H%M%S")


@pytest.mark.parametrize(
    ("existing", "timestamp"),
    [
        ([], NOW),
        (["20250101-000000-a-chair-000000"], NOW),
        ([f"{NOW}-a-chair-000000"], NOW),
        (["20260102-030406-x"], "20260102-030407"),
        (["20260102-030406-x", "20260103-000000-x", "20260102-235959-x"], "20260103-000001"),
        (["20991231-235959-x"], "21000101-000000"),
        (["21991231-235958-x"], "21991231-235959"),
        (["21991231-235959-x"], NOW),
        (["21991231-235959-x", "20260203-000000-x"], "20260203-000001"),
        (["99999999-999999-x", "worker-12.log", "2027", ".x"], NOW),
    ],
)
def test_ids_sort_by_age_even_if_the_clock_was_set_back(fixed_clock, existing, timestamp):
    assert new_job_id("a chair", existing)[:15] == timestamp


@pytest.mark.parametrize(
    ("timestamp", "after"),
    [
        ("20260228-235959", "20260301-000000"),
        ("20240228-235959", "20240229-000000"),
        ("21991231-235958", "21991231-235959"),
        ("21991231-235959", ""),
        ("99991231-235959", ""),
        ("20260230-000000", ""),
        ("20260101", ""),
        ("", ""),
    ],
)
def test_the_next_second_of_a_time(timestamp, after):
    assert second_after(timestamp) == after


@pytest.mark.parametrize(
    ("prompt", "name"),
    [
        ("chair 2", "chair-2"),
        ("--a--b--", "a-b"),
        ("x" * 24, "x" * 24),
        ("x" * 25, "x" * 24),
        ("x" * 23 + " y", "x" * 23),
        ("x" * 22 + " y", "x" * 22 + "-y"),
        ("Ångström", "angstrom"),
        ("Großmutter", "grossmutter"),
        ("ｒｅｄ ｃｈａｉｒ", "red-chair"),
        ("红色的椅子", "object"),
        ("", "object"),
    ],
)
def test_the_part_of_a_name_has_up_to_24_letters_digits_and_hyphens(prompt, name):
    assert slug(prompt) == name


def test_the_users_name_of_an_input_is_kept(tmp_path):
    (tmp_path / "Großes Bild.HEIC").write_bytes(b"pixels")
    (request,) = make_requests("", image=str(tmp_path / "Großes Bild.HEIC"))
    job = create_job(tmp_path / "jobs", request)
    assert job.input_name(job.read_request().image) == "Großes Bild.HEIC"
    assert job.input_name("other.png") == "other.png"


@pytest.mark.parametrize("names", [None, [], {"input_image.png": 7}, {"input_image.png": ""}, {"input_image.png": []}])
def test_a_damaged_name_of_an_input_is_that_of_the_copy(tmp_path, names):
    job = create_job(tmp_path, REQUEST)
    content = json.loads(job.request.read_text()) | {"input_names": names}
    job.request.write_text(json.dumps(content))
    assert job.input_name("input_image.png") == "input_image.png"


def test_a_hostile_name_of_an_input_is_shown_on_one_short_line(tmp_path):
    job = create_job(tmp_path, REQUEST)
    content = json.loads(job.request.read_text()) | {"input_names": {"a.png": "x\x1b[31m\n" + "y" * 999}}
    job.request.write_text(json.dumps(content))
    name = job.input_name("a.png")
    assert len(name) <= 255
    assert name.isprintable()
