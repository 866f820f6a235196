# SPDX-License-Identifier: GPL-3.0-or-later
"""One job of a batch: what ends it, what is written, and the numbers of its last event."""

import traceback
from types import SimpleNamespace

import numpy as np
import pytest

from blender_text3d.protocol.events import Cancelled, Made, Started
from blender_text3d.worker.batch.batch_job import BatchJob, counts_of
from blender_text3d.worker.reporting import export
from tests.worker.scripted_engine import CLOUD, TETRAHEDRON, Recipe, Step

STARTED = Started(
    pid=1, host="here", device="cpu", device_name="CPU", engine_version="1", torch_version="2", weights_sha256=""
)
RECIPE = Recipe("a", "mini/shap-e", seed=5, steps=4, guidance=3.0, grid=32, outputs="both")


@pytest.fixture
def job(new_job, worker_state):
    job = BatchJob(new_job("a"), worker_state.eta)
    job.request, job.recipe = job.folder.read_request(), RECIPE
    return job


NO_STEPS = {"step_latents": None, "step_geometry": (), "latent_sha256": ""}


def result(**parts):
    everything = {"mesh": TETRAHEDRON, "cloud": CLOUD, "latent": np.zeros(8, np.float32), "views": None}
    return SimpleNamespace(**everything | NO_STEPS | parts, weights_sha256="ab")


def kinds(job):
    return [event.kind for event in job.folder.events()]


def test_a_new_job_is_open_without_a_reason(job):
    assert (job.has_ended, job.journal_error, job.reason) == (False, None, "")


def test_after_its_end_a_job_reports_nothing(job):
    job.end(Cancelled(stage="sample", index=1))
    written = kinds(job)
    job.start(STARTED)
    job.report_step("sample", 2, 4)
    job.notice("late")
    job.fail(ValueError())
    job.check_cancelled()
    assert job.handle_step(Step("sample", 3, 4, preview=lambda: CLOUD)) is None
    assert job.handle_step(Step("made", 1, 1, result=result())) is None
    assert kinds(job) == written
    assert not job.folder.preview.exists()
    assert job.reason == ""


def test_an_error_ends_the_job_with_its_reason_and_its_traceback_in_the_log(job, capsys):
    def fail():
        raise MemoryError("too large")

    job.attempt(fail)
    assert (job.has_ended, job.reason, job.folder.last_event().reason) == (True, "out_of_memory", "out_of_memory")
    assert "in fail" in capsys.readouterr().err
    job.attempt(lambda: pytest.fail("it has ended"))


def test_a_log_on_a_full_disk_is_an_error_of_the_journal(job, monkeypatch):
    full = OSError(28, "full")

    def print_exception(error):
        raise full

    monkeypatch.setattr(traceback, "print_exception", print_exception)
    job.fail(ValueError())
    assert (job.has_ended, job.journal_error, job.reason) == (True, full, "")
    assert kinds(job) == ["queued"]


def test_a_last_event_that_cannot_be_written_is_kept_as_an_error(job, monkeypatch):
    error = OSError(28, "full")

    def end(event, result):
        raise error

    monkeypatch.setattr(job.reporter, "end", end)
    job.end(Cancelled(stage="load", index=0))
    assert (job.has_ended, job.journal_error) == (True, error)


@pytest.mark.parametrize("steps", [[], [("load", 1, 2)], [("load", 2, 2), ("sample", 3, 4)]])
def test_a_cancelled_job_names_its_last_step(job, steps):
    for step in steps:
        job.report_step(*step)
    job.check_cancelled()
    assert not job.has_ended
    job.folder.request_cancel()
    job.check_cancelled()
    end = job.folder.last_event()
    assert (end.kind, end.stage, end.index) == ("cancelled", *(steps[-1][:2] if steps else ("load", 0)))


def test_a_step_writes_its_notice_image_preview_and_place(job):
    image = np.zeros((2, 2, 3), np.uint8)
    step = Step("sample", 1, 4, preview=lambda: CLOUD, sigma=2.5, notice="Look.", input_image=image)
    assert job.handle_step(step) is None
    notice, progress = job.folder.events()[1:]
    assert notice.message == "Look."
    assert (progress.stage, progress.index, progress.total, progress.sigma, progress.preview) == (
        "sample", 1, 4, 2.5, True,
    )  # fmt: skip
    assert job.folder.preview.exists()
    assert job.folder.seen_image.read_bytes()[:4] == b"\x89PNG"


def test_loading_is_reported_elsewhere_and_its_notice_here(job):
    job.handle_step(Step("load", 1, 1, preview=lambda: CLOUD, notice="Look."))
    assert kinds(job) == ["queued", "notice"]
    assert not job.folder.preview.exists()


def test_a_result_is_reported_once_its_geometry_is_written(job):
    made = result()
    assert job.handle_step(Step("made", 1, 1, result=made)) is made
    event = job.folder.last_event()
    assert isinstance(event, Made)
    assert event.files == {"mesh": "mesh.npz", "cloud": "cloud.npz"}
    assert job.folder.mesh.exists()
    assert not job.folder.latent.exists()
    assert (job.is_made, job.is_open, job.has_ended) == (True, False, False)


def test_the_other_files_are_written_one_by_one_and_then_the_job_is_finished(job):
    job.write_files(job.handle_step(Step("made", 1, 1, result=result())))
    exported = [(event.index, event.total) for event in job.folder.events() if getattr(event, "stage", "") == "export"]
    assert exported == [(index, 2) for index in range(3)]
    finished = job.folder.last_event()
    assert finished.files == {"mesh": "mesh.npz", "cloud": "cloud.npz", "latent": "latent.npz"}
    assert (finished.vertices, finished.faces, finished.points) == (4, 4, 4)
    assert job.folder.thumbnail.exists()


def test_a_recording_is_one_of_the_files(job):
    job.folder.rrd.write_bytes(b"recording")
    job.write_files(result(mesh=None, latent=None))
    assert job.folder.last_event().files == {"cloud": "cloud.npz", "rrd": "job.rrd"}


def test_a_job_cancelled_during_the_export_writes_no_more_files_and_has_no_thumbnail(job, monkeypatch):
    def save_latent(path, latent, weights_sha256):
        path.touch()
        job.folder.request_cancel()

    monkeypatch.setattr(export, "save_latent", save_latent)
    job.write_files(job.handle_step(Step("made", 1, 1, result=result())))
    assert job.folder.latent.exists()
    assert not job.folder.thumbnail.exists()
    assert (job.folder.last_event().kind, job.folder.last_event().index) == ("cancelled", 1)


def test_an_error_while_writing_files_ends_the_job_and_is_in_its_own_log(job, monkeypatch, capsys):
    def save_latent(path, latent, weights_sha256):
        raise OSError(28, "full", str(path))

    monkeypatch.setattr(export, "save_latent", save_latent)
    job.write_files(job.handle_step(Step("made", 1, 1, result=result())))
    assert (job.has_ended, job.reason, job.folder.last_event().reason) == (True, "disk_full", "disk_full")
    assert "in save_latent" in job.folder.log.read_text()
    assert capsys.readouterr().err == ""
    assert job.folder.mesh.exists()


def test_an_invalid_result_fails_the_job_before_anything_is_written(job):
    job.recipe = Recipe("empty", "mini/shap-e", seed=5, steps=4, guidance=3.0, grid=32, outputs="both")
    assert job.handle_step(Step("made", 1, 1, result=result())) is None
    assert job.reason == "nothing_made"
    assert not job.folder.mesh.exists()


@pytest.mark.parametrize(
    ("parts", "counts"),
    [
        ({}, (4, 4, 4)),
        ({"mesh": None}, (0, 0, 4)),
        ({"cloud": None}, (4, 4, 0)),
        ({"mesh": None, "cloud": None}, (0, 0, 0)),
    ],
)
def test_the_events_count_what_was_made(parts, counts):
    assert tuple(counts_of(result(**parts)).values()) == counts
