# SPDX-License-Identifier: GPL-3.0-or-later
"""Deletion: the whole folder, nothing outside of it, and no job that has not ended."""

import pytest

from blender_text3d.client.results.delete import DELETED, delete_result, size_bytes
from blender_text3d.protocol.claim import read_claim
from blender_text3d.protocol.errors import InvalidJob
from blender_text3d.protocol.events import Cancelled, Progress
from blender_text3d.protocol.job_folder import JobFolder
from tests.client.results.jobs import write_job

DELETE = "blender_text3d.client.results.delete"


def test_the_size_is_the_sum_of_all_files(tmp_path):
    job = write_job(tmp_path, "a")
    before = size_bytes(job)
    job.mesh.write_bytes(bytes(1000))
    job.view_images.mkdir()
    (job.view_images / "000.png").write_bytes(bytes(500))
    assert size_bytes(job) == before + 1500
    assert before == job.request.stat().st_size + job.journal.stat().st_size


def test_the_size_of_linked_files_is_not_counted(tmp_path):
    job = write_job(tmp_path / "jobs", "a")
    before = size_bytes(job)
    (tmp_path / "big").write_bytes(bytes(100_000))
    (job.path / "link").symlink_to(tmp_path / "big")
    (job.path / "links").symlink_to(tmp_path)
    assert size_bytes(job) < before + 1000


@pytest.mark.parametrize("events", [(), (Cancelled(stage="sample", index=1),)])
def test_a_job_that_has_ended_is_deleted_with_all_its_files(tmp_path, events):
    job, other = write_job(tmp_path, "a", "a red chair", *events), write_job(tmp_path, "b")
    job.view_images.mkdir()
    (job.view_images / "000.png").write_bytes(b"x")
    delete_result(job)
    assert [path.name for path in tmp_path.iterdir()] == [other.job_id]


def test_links_inside_are_removed_and_their_targets_stay(tmp_path):
    job = write_job(tmp_path / "jobs", "a")
    treasure = tmp_path / "treasure"
    treasure.mkdir()
    (treasure / "file").write_bytes(b"x")
    (job.path / "folder").symlink_to(treasure)
    (job.path / "file").symlink_to(treasure / "file")
    delete_result(job)
    assert not job.path.exists()
    assert (treasure / "file").read_bytes() == b"x"


def test_a_job_that_has_not_ended_is_refused(tmp_path):
    queued = write_job(tmp_path, "queued", "a red chair", Progress(stage="load", index=0, total=2))
    with pytest.raises(InvalidJob, match="still queued"):
        delete_result(queued)
    running = write_job(tmp_path, "running", "a red chair", Progress(stage="load", index=0, total=2))
    assert running.claim()
    with pytest.raises(InvalidJob, match="still running"):
        delete_result(running)
    assert queued.path.exists()
    assert running.path.exists()


def test_a_job_of_another_machine_that_has_not_ended_is_refused(tmp_path, monkeypatch):
    job = write_job(tmp_path, "a", "a red chair", Progress(stage="load", index=0, total=2))
    job.claim()
    there = read_claim(job.path / "claim.json")._replace(machine="another", host="another")
    monkeypatch.setattr(JobFolder, "claimed_by", lambda self: there)
    with pytest.raises(InvalidJob, match="another machine"):
        delete_result(job)
    assert job.path.exists()


def test_an_interrupted_job_is_deleted(tmp_path, monkeypatch):
    job = write_job(tmp_path, "a", "a red chair", Progress(stage="load", index=0, total=2))
    job.claim()
    gone = read_claim(job.path / "claim.json")._replace(started="long ago")
    monkeypatch.setattr(JobFolder, "claimed_by", lambda self: gone)
    delete_result(job)
    assert not job.path.exists()


def test_whatever_is_not_a_job_folder_is_refused_and_stays(tmp_path):
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos/holiday.jpg").write_bytes(b"x")
    real = write_job(tmp_path / "elsewhere", "real")
    (tmp_path / "link").symlink_to(real.path)
    (tmp_path / "faked").mkdir()
    (tmp_path / "faked/request.json").symlink_to(real.request)
    for name in ("photos", "link", "faked", "missing", ".."):
        with pytest.raises(InvalidJob, match="not a job folder"):
            delete_result(JobFolder(tmp_path / name))
    assert (tmp_path / "photos/holiday.jpg").exists()
    assert real.request.exists()


def test_a_folder_that_disappears_meanwhile_is_no_error(tmp_path, monkeypatch):
    job = write_job(tmp_path, "a")
    monkeypatch.setattr(f"{DELETE}.require_deletable", lambda folder: folder.path.rename(tmp_path / "moved"))
    delete_result(job)
    assert not job.path.exists()


def test_a_folder_that_cannot_be_renamed_stays_whole(tmp_path, monkeypatch):
    job = write_job(tmp_path, "a")

    def refuse(source, target):
        raise OSError(13, "Permission denied")

    monkeypatch.setattr(f"{DELETE}.replace_with_retry", lambda *arguments: refuse(*arguments[:2]))
    with pytest.raises(InvalidJob, match="Permission denied"):
        delete_result(job)
    assert job.request.exists()


def test_what_an_interrupted_deletion_left_is_removed_by_the_next_one(tmp_path):
    job = write_job(tmp_path, "b")
    write_job(tmp_path, f".a{DELETED}123456")
    delete_result(job)
    assert list(tmp_path.iterdir()) == []
