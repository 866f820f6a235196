# SPDX-License-Identifier: GPL-3.0-or-later
"""The state of a session's jobs, event by event."""

from types import SimpleNamespace

import pytest

from blender_text3d.addon.state import active_job, session_state
from blender_text3d.addon.state.active_job import ActiveJob
from blender_text3d.addon.state.problem import Problem
from blender_text3d.addon.state.session_state import apply_event, keep_ended
from blender_text3d.addon.state.time_history import Duration, read_durations
from blender_text3d.protocol.events import Cancelled, Failed, Finished, Made, Notice, Progress, Queued, Started
from blender_text3d.protocol.models import MODELS


@pytest.fixture
def clock(monkeypatch):
    """A clock that the test sets."""
    clock = SimpleNamespace(now=100.0)
    for module in (active_job, session_state):
        monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: clock.now))
    return clock


def started(device="cuda:0", device_name="Some Card"):
    return Started(pid=1, host="here", device=device, device_name=device_name, engine_version="0", torch_version="0",
                   weights_sha256="a")  # fmt: skip


def failed(reason="worker_died", fix="Try again."):
    return Failed(message="It failed.", reason=reason, fix=fix)


def test_a_new_job_waits_and_has_the_name_of_its_prompt(new_job):
    job = new_job()
    assert (job.name, job.status, job.stage, job.share_done, job.is_alone) == (
        "a red chair", "waiting", "queued", 0.0, True,
    )  # fmt: skip
    assert (job.index, job.total, job.elapsed_s, job.eta_s, job.memory_mb) == (0, 0, 0.0, None, 0.0)
    assert (job.end, job.problem, job.has_new_preview, job.is_cancel_requested) == ("", None, False, False)


def test_a_job_keeps_a_name_that_it_was_given(new_job):
    job = new_job()
    named = ActiveJob(job.folder, job.request, None, name="a blue mug")
    assert named.name == "a blue mug"


@pytest.mark.parametrize(
    ("stage", "end", "status"),
    [
        ("queued", "", "waiting"),
        ("load", "", "running"),
        ("mesh", "failed", "failed"),
        ("queued", "cancelled", "cancelled"),
    ],
)
def test_the_status_is_the_end_if_there_is_one(new_job, stage, end, status):
    job = new_job()
    job.stage, job.end = stage, end
    assert job.status == status


@pytest.mark.parametrize(
    ("index", "total", "elapsed_s", "eta_s", "share"),
    [
        (1, 4, 9.0, None, 0.25),
        (1, 4, 3.0, 1.0, 0.75),
        (1, 4, 0.0, 0.0, 0.25),
        (1, 4, 0.0, 5.0, 0.0),
        (3, 0, 9.0, None, 0),
    ],
)
def test_the_share_done_is_that_of_the_time_if_it_is_known_and_else_that_of_the_steps(
    new_job, index, total, elapsed_s, eta_s, share
):
    job = new_job()
    job.index, job.total, job.elapsed_s, job.eta_s = index, total, elapsed_s, eta_s
    assert job.share_done == share


def test_each_event_ends_the_silence_and_only_a_new_stage_starts_again(new_job, clock):
    job = new_job()
    job.enter("sample")
    clock.now = 107.0
    assert job.silent_s == 7.0
    job.enter("sample")
    assert (job.silent_s, job.stage_since, job.updated_at) == (0.0, 100.0, 107.0)
    clock.now = 109.0
    job.enter("mesh")
    assert (job.stage, job.stage_since, job.updated_at) == ("mesh", 109.0, 109.0)


def test_the_time_in_the_queue_starts_again_when_another_job_ends(new_job, clock):
    first, second, third = new_job("1"), new_job("2"), new_job("3")
    apply_event(first, started())
    apply_event(second, started())
    for job in (first, second, third):
        job.stage_since = 90.0
    apply_event(first, Cancelled(stage="load", index=0))
    assert (second.stage, second.stage_since) == ("load", 90.0)
    assert (third.stage, third.stage_since, third.updated_at) == ("queued", 100.0, 100.0)


def test_progress_is_copied_to_the_job(new_job):
    job = new_job()
    apply_event(job, Progress(stage="sample", index=3, total=8, elapsed_s=2.0, eta_s=4.0, memory_mb=512.0))
    assert (job.stage, job.index, job.total, job.elapsed_s, job.eta_s, job.memory_mb) == (
        "sample", 3, 8, 2.0, 4.0, 512.0,
    )  # fmt: skip
    assert job.status == "running"


def test_a_preview_is_new_until_it_is_shown(new_job):
    job = new_job()
    for preview, expected in ((False, False), (True, True), (False, True)):
        apply_event(job, Progress(stage="sample", index=1, total=8, preview=preview))
        assert job.has_new_preview is expected


def test_any_event_ends_the_silence(new_job, clock):
    job = new_job()
    job.updated_at = 0.0
    apply_event(job, Queued())
    assert (job.updated_at, job.stage) == (100.0, "queued")


@pytest.mark.parametrize(
    ("device", "device_name", "kind", "shown"),
    [
        ("cuda:1", "Some Card", "cuda", "Some Card"),
        ("cpu", "", "cpu", "cpu"),
        ("cpu", "CPU, 8 threads", "cpu", "CPU, 8 threads"),
    ],
)
def test_a_started_job_tells_its_device(clean_state, new_job, device, device_name, kind, shown):
    job = new_job(device="auto")
    apply_event(job, started(device, device_name))
    assert (job.stage, job.device, job.device_name) == ("load", kind, device_name)
    assert clean_state.devices == {"auto": (kind, device_name)}
    assert clean_state.device == shown


def test_jobs_that_run_at_the_same_time_are_a_batch_and_waiting_ones_are_not(new_job):
    first, second, third = new_job("1"), new_job("2"), new_job("3")
    apply_event(first, started())
    assert first.is_alone
    apply_event(second, started())
    assert [job.is_alone for job in (first, second, third)] == [False, False, True]


def test_a_job_after_one_that_has_ended_is_alone(new_job):
    first, second = new_job("1"), new_job("2")
    apply_event(first, started())
    apply_event(first, Finished(elapsed_s=1.0, files={}))
    apply_event(second, started())
    assert (first.is_alone, second.is_alone) == (True, True)


def test_a_notice_is_shown_and_may_name_what_was_recognized_in_an_image(clean_state, new_job):
    job = new_job(model="shap-e/image300M", image="photo.png", prompt="photo")
    apply_event(job, Notice(message="Recognized: a blue mug."))
    assert job.name == "a blue mug"
    text = new_job("job-2")
    apply_event(text, Notice(message="Recognized: a green mug."))
    assert text.name == "a red chair"
    assert clean_state.notices == {"Recognized: a blue mug.": "job-1", "Recognized: a green mug.": "job-2"}


def test_a_finished_job_waits_for_its_import(clean_state, new_job):
    job, other = new_job("1"), new_job("2")
    apply_event(job, Finished(elapsed_s=1.0, files={}))
    assert (job.status, clean_state.finished, clean_state.running) == ("finished", [job], [other])
    assert clean_state.jobs == {"1": job, "2": other}
    assert not clean_state.ended


def test_a_job_whose_object_is_made_is_imported_and_a_later_failure_is_only_a_notice(clean_state, new_job):
    job = new_job()
    apply_event(job, Made(elapsed_s=1.0, files={}))
    assert (job.status, clean_state.finished) == ("finished", [job])
    apply_event(job, failed())
    assert (job.status, clean_state.finished, clean_state.ended, clean_state.problem) == ("finished", [job], {}, None)
    assert clean_state.notices == {"It failed. Try again.": "job-1"}
    apply_event(job, Finished(elapsed_s=2.0, files={}))
    assert (job.status, len(clean_state.notices)) == ("finished", 1)


def test_a_canceled_job_can_be_retried_and_is_no_problem(clean_state, new_job):
    job = new_job()
    apply_event(job, Cancelled(stage="sample", index=1))
    assert (job.status, job.problem, clean_state.problem) == ("cancelled", None, None)
    assert (clean_state.jobs, clean_state.ended) == ({}, {"job-1": job})


def test_a_failed_job_can_be_retried_and_its_cause_is_the_problem(clean_state, new_job):
    job = new_job()
    apply_event(job, failed())
    assert (job.status, clean_state.jobs, clean_state.ended) == ("failed", {}, {"job-1": job})
    assert clean_state.problem is job.problem
    assert job.problem == Problem("It failed.", "Try again.", "worker_died", job.folder.path, "mini/shap-e")


@pytest.mark.parametrize(
    ("quality", "device", "buttons"),
    [
        ("standard", "Some Card", ("draft", "processor", "free", "again", "log")),
        ("draft", "Some Card", ("processor", "free", "again", "log")),
        ("standard", "CPU, 8 threads", ("draft", "free", "again", "log")),
        ("draft", "cpu", ("free", "again", "log")),
    ],
)
def test_fixes_that_change_nothing_are_not_offered(clean_state, new_job, quality, device, buttons):
    job = new_job(quality=quality)
    clean_state.device = device
    apply_event(job, failed("out_of_memory"))
    assert clean_state.problem.buttons == buttons


def test_the_queue_lists_active_jobs_and_then_the_ended_ones_newest_first(clean_state, new_job):
    jobs = [new_job(str(number)) for number in range(4)]
    for job in jobs[:2]:
        apply_event(job, Cancelled(stage="sample", index=1))
    assert clean_state.queue == [jobs[2], jobs[3], jobs[1], jobs[0]]


def test_of_more_than_a_hundred_ended_jobs_the_newest_are_listed(clean_state, new_job):
    jobs = [new_job(str(number)) for number in range(101)]
    for job in jobs[:100]:
        keep_ended(job)
    assert len(clean_state.ended) == 100
    keep_ended(jobs[100])
    assert list(clean_state.ended) == [str(number) for number in range(1, 101)]


def test_removing_an_ended_job_removes_the_problem_that_it_caused(clean_state, new_job):
    first, second = new_job("1"), new_job("2")
    apply_event(first, failed())
    apply_event(second, failed())
    clean_state.remove_ended("1")
    assert (list(clean_state.ended), clean_state.problem) == (["2"], second.problem)
    clean_state.remove_ended("unknown")
    clean_state.remove_ended("2")
    assert (clean_state.ended, clean_state.problem) == ({}, None)


def test_a_message_is_shown_once_and_only_the_newest_four_are(clean_state):
    for number in range(4):
        clean_state.notice(str(number), f"job-{number}")
    clean_state.notice("0", "job-9")
    assert clean_state.notices == {"0": "job-0", "1": "job-1", "2": "job-2", "3": "job-3"}
    clean_state.notice("4")
    assert clean_state.notices == {"1": "job-1", "2": "job-2", "3": "job-3", "4": ""}


def test_the_duration_of_a_finished_job_is_recorded_for_its_data_folder(clean_state, new_job, tmp_path):
    job = new_job(outputs="both", quality="draft")
    (tmp_path / "data").mkdir()
    apply_event(job, started("cuda:0"))
    apply_event(job, Finished(elapsed_s=2.5, files={}))
    sampling = MODELS["mini/shap-e"].qualities["draft"]
    expected = [Duration("mini/shap-e", "cuda", "Some Card", "draft", sampling.steps, sampling.grid, "both", 2.5)]
    assert clean_state.times == {tmp_path / "data": expected}
    assert read_durations(tmp_path / "data") == expected


@pytest.mark.parametrize("untypical", ["unstarted", "latent", "views", "batch", "candidates", "view"])
def test_the_duration_of_an_untypical_job_is_not_recorded(clean_state, new_job, untypical):
    three_steps = {"model": "mini/three-step"}
    choices = {
        "latent": {"latent": "latent.npz"}, "views": {"views": 4}, "candidates": {**three_steps, "candidates": 4},
        "view": {**three_steps, "image": "view.png"},
    }  # fmt: skip
    job = new_job(**choices.get(untypical, {}))
    if untypical != "unstarted":
        apply_event(job, started())
    job.is_alone = untypical != "batch"
    apply_event(job, Finished(elapsed_s=2.5, files={}))
    assert not clean_state.times


def test_canceled_and_failed_jobs_have_no_duration(clean_state, new_job):
    for job_id, event in (("1", Cancelled(stage="sample", index=1)), ("2", failed())):
        job = new_job(job_id)
        apply_event(job, started())
        apply_event(job, event)
    assert not clean_state.times


@pytest.mark.parametrize("is_alive", [True, False])
def test_the_worker_runs_if_its_process_is_alive(clean_state, is_alive):
    assert session_state.has_running_worker() is False
    clean_state.session = SimpleNamespace(worker=SimpleNamespace(is_alive=lambda: is_alive))
    assert session_state.has_running_worker() is is_alive
