# SPDX-License-Identifier: GPL-3.0-or-later
"""One job, with the scripted engine: the contents of its folder afterwards."""

import json
import os
import platform

import numpy as np
import pytest

from blender_text3d.geometry import load_geometry
from blender_text3d.protocol.events import TERMINAL, Finished, Progress
from blender_text3d.protocol.job_folder import JobFolder
from blender_text3d.worker.batch import run_jobs
from blender_text3d.worker.batch.run_jobs import job_steps
from blender_text3d.worker.commands import Offer
from blender_text3d.worker.loop import end_lost_jobs, run_offer
from blender_text3d.worker.reporting import export
from blender_text3d.worker.reporting.export import other_writers


def steps(job) -> list[tuple[str, int, int]]:
    return [(event.stage, event.index, event.total) for event in job.events() if isinstance(event, Progress)]


def test_a_job_reports_every_stage_in_order_and_ends_once(done):
    job = done("a red chair", steps=3)
    assert [event.kind for event in job.events() if event.kind != "stepped"] == [
        "queued",
        "started",
        "made",
        "finished",
    ]
    assert steps(job)[:3] == [("load", 0, 2), ("load", 1, 2), ("load", 2, 2)]
    assert [step for step in steps(job) if step[0] == "sample"] == [
        ("sample", 0, 3),
        ("sample", 1, 3),
        ("sample", 2, 3),
        ("sample", 3, 3),
    ]
    assert job.journal.read_text().count("\n") == len(job.events())


def test_every_step_reports_time_memory_and_sigma(done):
    samples = [event for event in done("a red chair").events() if getattr(event, "stage", "") == "sample"]
    assert all(event.memory_mb > 1 and event.elapsed_s >= 0 for event in samples)
    assert all(event.eta_s >= 0 for event in samples[1:])
    assert [event.sigma for event in samples] == [None, 1, 1 / 2, 1 / 3, 1 / 4]
    assert [event.elapsed_s for event in samples] == sorted(event.elapsed_s for event in samples)


def test_started_names_process_and_device(done):
    started = done("a red chair").events()[3]
    assert (started.kind, started.pid, started.device, started.weights_sha256) == (
        "started",
        os.getpid(),
        "cpu:1",
        "0" * 64,
    )


@pytest.mark.parametrize(
    ("outputs", "names"),
    [
        ("mesh", {"mesh", "latent", "steps"}),
        ("cloud", {"cloud", "latent", "steps"}),
        ("both", {"mesh", "cloud", "latent", "steps"}),
    ],
)
def test_finished_names_the_requested_files_and_they_exist(done, outputs, names):
    job = done("a red chair", outputs=outputs)
    files = job.last_event().files
    assert files.keys() - {"rrd"} == names
    assert all((job.path / file).stat().st_size > 0 for file in files.values())


def test_finished_counts_the_contents_of_the_files(done):
    job = done("a red chair", outputs="both")
    finished, mesh = job.last_event(), load_geometry(job.mesh)
    assert (finished.vertices, finished.faces, finished.points) == (len(mesh.vertices), len(mesh.faces), 4)


def test_made_names_the_files_that_blender_imports_before_the_others_are_written(done, monkeypatch):
    seen = []

    def spy(folder, result):
        seen.append([path.name for path in folder.path.iterdir() if path.suffix in (".npz", ".rrd")])
        return other_writers(folder, result)

    monkeypatch.setattr(export, "other_writers", spy)
    job = done("a red chair", outputs="both")
    (made,) = [event for event in job.events() if event.kind == "made"]
    assert made.files == {"mesh": "mesh.npz", "cloud": "cloud.npz"}
    assert (made.vertices, made.faces, made.points) == (4, 4, 4)
    assert {"mesh.npz", "cloud.npz"} <= set(seen[0])
    assert "latent.npz" not in seen[0]
    assert set(made.files) < set(job.last_event().files)


def test_the_latent_can_be_read_back(done):
    with np.load(done("a red chair", seed=5).latent, allow_pickle=False) as arrays:
        np.testing.assert_array_equal(arrays["latent"], np.full(8, 5, np.float32))


def test_a_step_with_a_preview_has_replaced_the_preview(done):
    job = done("a red chair")
    assert any(event.preview for event in job.events() if isinstance(event, Progress))
    assert len(load_geometry(job.preview).points) == 4


def test_a_job_that_nobody_watches_has_no_previews(new_job, worker_state):
    job = new_job("a red chair")
    job.set_watched(False)
    run_offer(Offer((job,)), worker_state)
    assert job.last_event().kind == "finished"
    assert not any(event.preview for event in job.events() if isinstance(event, Progress))
    assert not job.preview.exists()


def test_a_job_with_a_live_view_is_watched(new_job, worker_state):
    job = new_job("a red chair", viewer="rerun+http://127.0.0.1:9/proxy")
    job.set_watched(False)
    run_offer(Offer((job,)), worker_state)
    assert any(event.preview for event in job.events() if isinstance(event, Progress))


def test_unknown_words_become_a_notice(done):
    notices = [event.message for event in done("a flying chair").events() if event.kind == "notice"]
    assert notices == ["“flying” is not a word I know."]


def test_models_stay_loaded_from_job_to_job(done):
    names = [done("a red chair").events()[3].device_name for _ in range(2)]
    assert names == ["scripted cpu:1", "scripted cpu:2"]  # one engine was asked twice


def test_a_cancel_ends_the_job_within_one_step(new_job, worker_state, monkeypatch):
    job, reported = new_job("a red chair", steps=50), []

    def cancelled_at_the_third_sample(*arguments):
        for pause in job_steps(*arguments):
            reported.append(steps(job)[-1])
            if reported[-1] == ("sample", 3, 50):
                job.request_cancel()
            yield pause

    monkeypatch.setattr(run_jobs, "job_steps", cancelled_at_the_third_sample)
    run_offer(Offer((job,)), worker_state)
    assert reported[-1] == steps(job)[-1] == ("sample", 3, 50)
    assert (job.last_event().kind, job.last_event().stage, job.last_event().index) == ("cancelled", "sample", 3)


def test_a_job_cancelled_before_it_starts_loads_nothing(new_job, worker_state):
    job = new_job("a red chair")
    job.request_cancel()
    run_offer(Offer((job,)), worker_state)
    assert job.last_event().kind == "cancelled"
    assert steps(job) == [("load", 0, 2)]


def test_a_job_claimed_by_another_worker_is_skipped(new_job, worker_state, capsys):
    job = new_job("a red chair")
    (job.path / "claim.json").write_text(json.dumps({"pid": 1, "parent": 0, "host": platform.node(), "time": 0.0}))
    run_offer(Offer((job,)), worker_state)
    assert [event.kind for event in job.events()] == ["queued"]
    assert "was claimed by another worker" in capsys.readouterr().err


def test_a_job_of_this_worker_without_a_last_event_gets_one_when_it_is_offered_again(new_job, worker_state):
    job = new_job("a red chair")
    run_offer(Offer((job,)), worker_state)
    lines = job.journal.read_bytes().splitlines(keepends=True)
    job.journal.write_bytes(b"".join(lines[:-1]))
    run_offer(Offer((job,)), worker_state)
    run_offer(Offer((job,)), worker_state)
    assert [event.kind for event in job.events()][-1] == "failed"
    assert (job.last_event().reason, "was not written" in job.last_event().message) == ("interrupted", True)


def test_without_memory_for_the_last_event_the_worker_exits(new_job, worker_state, monkeypatch):
    def no_memory(*_):
        raise MemoryError

    monkeypatch.setattr("blender_text3d.worker.reporting.event_reporter.EventReporter.end", no_memory)
    with pytest.raises(MemoryError):
        run_offer(Offer((new_job("a red chair"),)), worker_state)


@pytest.mark.parametrize(
    ("prompt", "reason", "sentence"),
    [
        ("oom-cpu", "out_of_memory", "There is not enough memory for this object."),
        ("oom-python", "out_of_memory", "There is not enough memory for this object."),
        ("oom-onednn", "out_of_memory", "There is not enough memory for this object."),
        ("oom-safetensors", "out_of_memory", "There is not enough memory for this object."),
        ("oom-gpu", "out_of_memory", "There is not enough memory for this object."),
        ("empty", "nothing_made", "No surface was found for 'empty' with seed 5."),
        ("no-file", "internal", "could not make the object (FileNotFoundError: [Errno 2] No such file"),
        ("no-package", "environment", "The worker's Python lacks a package (No module named 'scipy')."),
        ("crash", "internal", "could not make the object (RuntimeError: the shapes (2, 3) and (4, 5) do not fit)."),
    ],
)
def test_an_error_becomes_one_sentence(done, prompt, reason, sentence):
    job = done(prompt)
    failed = job.last_event()
    assert (failed.kind, failed.reason) == ("failed", reason)
    assert sentence in failed.message
    assert "\n" not in failed.message
    assert failed.fix.endswith(".")


def test_the_job_after_a_failed_one_finishes(done):
    assert done("crash").last_event().kind == "failed"
    assert done("a red chair").last_event().kind == "finished"


@pytest.mark.parametrize(
    "content", ['{"format": 1, "requ', '{"format": 1, "request": {"prompt": "a", "seed": -3}}', None]
)
def test_an_incomplete_job_folder_fails_with_a_sentence(new_job, worker_state, content):
    job = new_job("a red chair")
    job.request.unlink()
    if content:
        job.request.write_text(content)
    run_offer(Offer((job,)), worker_state)
    failed = job.last_event()
    assert (failed.reason, failed.message.startswith(f"Job {job.job_id} cannot be")) == ("broken_job", True)


def test_a_missing_job_folder_is_an_error_of_the_operating_system(tmp_path, worker_state):
    with pytest.raises(FileNotFoundError):
        run_offer(Offer((JobFolder(tmp_path / "gone"),)), worker_state)


@pytest.mark.parametrize("full", ["preview.npz.part", "mesh.npz.part", "latent.npz.part"])
def test_a_full_disk_is_reported_with_the_file_that_did_not_fit(new_job, worker_state, full):
    job = new_job("a red chair")
    (job.path / full).symlink_to("/dev/full")
    run_offer(Offer((job,)), worker_state)
    failed = job.last_event()
    assert (failed.reason, "The disk is full" in failed.message) == ("disk_full", True)
    assert not (job.path / full).is_symlink()


def test_an_error_in_a_sink_ends_the_sink_and_not_the_job(new_job, worker_state, monkeypatch):
    class Fragile:
        calls = 0

        def start(self, *event_and_details):
            Fragile.calls += 1
            raise RuntimeError("no viewer")

        step = finish = close = start

    monkeypatch.setattr(worker_state, "sinks", lambda folder, request, notice: [Fragile()])
    job = new_job("a red chair")
    run_offer(Offer((job,)), worker_state)
    assert (job.last_event().kind, Fragile.calls) == ("finished", 1)


def test_sinks_receive_the_events_of_the_journal(new_job, worker_state, monkeypatch):
    received = []

    class Receiver:
        def start(self, request, started):
            received.append(started)

        def step(self, event, *details):
            received.append(event)

        def finish(self, event, result):
            received.append(event)
            assert job.last_event() not in received[-1:], "the journal's last event comes last"

        def close(self):
            received.append("closed")

    monkeypatch.setattr(worker_state, "sinks", lambda folder, request, notice: [Receiver()])
    job = new_job("a flying chair")
    run_offer(Offer((job,)), worker_state)
    assert received.pop() == "closed"
    assert received == job.events()[-len(received) :]
    assert {event.kind for event in received} == {"started", "notice", "stepped", "made", "finished"}


def test_no_event_after_the_last_one(done):
    job = done("a red chair")
    kinds = [isinstance(event, TERMINAL) for event in job.events()]
    assert kinds == [False] * (len(kinds) - 1) + [True]


@pytest.mark.parametrize(
    ("prompt", "must_restart"), [("a red chair", False), ("empty", False), ("oom-cpu", True), ("crash", True)]
)
def test_the_worker_restarts_after_a_failure_that_may_leave_it_unusable(new_job, worker_state, prompt, must_restart):
    run_offer(Offer((new_job(prompt),)), worker_state)
    assert worker_state.must_restart is must_restart
    run_offer(Offer((new_job("a red chair"),)), worker_state)
    assert worker_state.must_restart is must_restart


def test_of_an_offer_the_first_free_job_is_run(new_job, worker_state):
    claimed, free, later = (new_job(word, steps=12) for word in ("one", "two", "three"))
    claimed.claim()
    run_offer(Offer((claimed, free, later)), worker_state)
    assert [job.last_event().kind for job in (claimed, free, later)] == ["queued", "finished", "queued"]


def test_only_own_jobs_without_a_last_event_are_ended(new_job, capsys):
    own, other, finished, unclaimed = (new_job(word) for word in ("one", "two", "three", "four"))
    own.claim()
    finished.claim()
    finished.append(Finished(elapsed_s=1.0, files={}))
    claim = {"pid": 1, "parent": 0, "host": platform.node(), "time": 0.0}
    (other.path / "claim.json").write_text(json.dumps(claim))
    end_lost_jobs(Offer((own, other, finished, unclaimed)))
    assert [job.last_event().kind for job in (own, other, finished, unclaimed)] == [
        "failed", "queued", "finished", "queued",
    ]  # fmt: skip


def test_the_output_of_a_job_goes_to_its_log(new_job, worker_state, capfd):
    job = new_job("loud", steps=1)
    run_offer(Offer((job,)), worker_state)
    assert "descriptor 1 says hello" in job.log.read_text()
    assert "descriptor" not in "".join(capfd.readouterr())
