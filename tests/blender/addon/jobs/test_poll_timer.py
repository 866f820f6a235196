# SPDX-License-Identifier: GPL-3.0-or-later
"""One tick of the timer, and what starts and ends it."""

import math
from collections import deque
from types import SimpleNamespace

import pytest

from blender_text3d.addon.jobs import job_scan, poll_timer
from blender_text3d.protocol.events import Cancelled, Failed, Finished, Progress

FINISHED = Finished(elapsed_s=1.0, files={})
CANCELED = Cancelled(stage="sample", index=1)
FAILED = Failed(message="It failed.", reason="worker_died", fix="Try again.")


@pytest.fixture
def calls(clean_state, monkeypatch):
    """What a tick does besides reading events, in order."""
    calls = []

    def record(owner, name):
        monkeypatch.setattr(owner, name, lambda *arguments, **_: calls.append((name, *arguments)))

    monkeypatch.setattr(poll_timer, "watch", lambda folder: None)
    monkeypatch.setattr(poll_timer, "_last_tick_s", [-math.inf])
    record(poll_timer, "show_newest_preview")
    record(poll_timer.redraw, "panels")
    record(poll_timer.job_scan, "scan_for")
    record(poll_timer.orphan_jobs, "poll_one")
    record(poll_timer.import_result, "import_object")
    record(poll_timer.import_result, "remove_preview")
    record(poll_timer.image_icons, "refresh_job_icon")
    record(poll_timer.weights_task, "refresh")
    monkeypatch.setattr(poll_timer.import_result, "reason_to_wait", lambda: "")
    monkeypatch.setattr(job_scan, "_scan", None)
    return calls


@pytest.fixture
def deliver(clean_state):
    """A function that has the session deliver (job, event) at the next poll."""

    def deliver(*pairs):
        pending = [(job.folder, event) for job, event in pairs]
        clean_state.session = SimpleNamespace(
            poll=lambda: [pending.pop(0) for _ in range(len(pending))], jobs=[], held=[]
        )

    return deliver


def names(calls):
    return [call[0] for call in calls]


def test_a_tick_reads_events_then_shows_the_first_running_job_and_goes_on_with_the_rest(calls, new_job, deliver):
    first, second = new_job("1"), new_job("2")
    deliver((first, CANCELED))
    poll_timer.tick()
    assert calls == [
        ("remove_preview", "1"), ("show_newest_preview", second), ("panels",), ("scan_for",), ("poll_one",),
    ]  # fmt: skip


def test_a_tick_that_nobody_watches_shows_and_redraws_nothing(calls, new_job):
    new_job("1")
    poll_timer.tick(is_watched=False)
    assert names(calls) == ["scan_for", "poll_one"]


def test_events_of_jobs_that_are_not_followed_are_passed_over(calls, new_job, deliver, clean_state):
    gone, job = new_job("gone"), new_job("here")
    del clean_state.jobs["gone"]
    deliver((gone, CANCELED), (job, Progress(stage="sample", index=2, total=4)))
    poll_timer.poll_events()
    assert (gone.end, job.index, calls) == ("", 2, [])


def test_without_a_session_there_are_no_events(calls):
    poll_timer.poll_events()
    assert calls == []


@pytest.mark.parametrize(("event", "is_removed"), [(FINISHED, False), (CANCELED, True), (FAILED, True)])
def test_the_preview_of_a_job_without_a_result_is_removed(calls, new_job, deliver, event, is_removed):
    deliver((new_job("1"), event))
    poll_timer.poll_events()
    assert (("remove_preview", "1") in calls) == is_removed


def test_a_finished_job_whose_file_was_closed_is_the_first_to_offer(calls, new_job, deliver, clean_state):
    job, other = new_job("1"), new_job("2")
    job.target, clean_state.ready = None, ["older"]
    deliver((job, Progress(stage="sample", index=2, total=4)))
    poll_timer.poll_events()
    assert clean_state.ready == ["older"]
    deliver((job, FINISHED), (other, FINISHED))
    poll_timer.poll_events()
    assert (clean_state.ready, list(clean_state.jobs)) == ([job.folder, "older"], ["2"])


def test_only_jobs_with_an_image_have_an_icon(calls, new_job, deliver):
    text, image = new_job("1"), new_job("2", model="shap-e/image300M", image="photo.png")
    deliver(*((job, Progress(stage="sample", index=2, total=4)) for job in (text, image)))
    poll_timer.poll_events()
    assert calls == [("refresh_job_icon", image.folder)]


@pytest.mark.parametrize(
    ("model", "event", "background", "is_listed"),
    [
        ("shap-e/text300M", FAILED, False, True), ("shap-e/text300M", FAILED, True, False),
        ("mini/shap-e", FAILED, False, False), ("shap-e/text300M", CANCELED, False, False),
        ("shap-e/text300M", Progress(stage="sample", index=2, total=4), False, False),
    ],
)  # fmt: skip
def test_files_are_listed_again_when_a_job_that_needs_them_fails(
    calls, new_job, deliver, monkeypatch, model, event, background, is_listed
):
    monkeypatch.setattr(poll_timer, "bpy", SimpleNamespace(app=SimpleNamespace(background=background)))
    deliver((new_job("1", model=model), event))
    poll_timer.poll_events()
    assert (("refresh",) in calls) == is_listed


def test_an_import_has_a_tick_of_its_own(calls, new_job):
    waiting, running = new_job("1"), new_job("2")
    waiting.end = "finished"
    poll_timer.tick_once()
    assert names(calls) == ["import_object", "panels"]
    assert calls[0] == ("import_object", waiting.folder, waiting.target)
    calls.clear()
    poll_timer.tick_once()
    assert ("show_newest_preview", running) in calls
    assert "import_object" not in names(calls)


def test_an_import_waits_while_there_is_a_reason(calls, new_job, monkeypatch):
    new_job("1").end = "finished"
    monkeypatch.setattr(poll_timer.import_result, "reason_to_wait", lambda: "Edit Mode")
    poll_timer.tick_once()
    assert names(calls) == ["panels", "scan_for", "poll_one"]


def test_an_object_is_imported_with_the_selection_of_its_job(clean_state, new_job, monkeypatch):
    imported, job = [], new_job("1")
    job.selection = "selection"
    monkeypatch.setattr(
        poll_timer.import_result, "import_object", lambda *arguments, **options: imported.append((arguments, options))
    )
    poll_timer.import_object(job)
    assert imported == [((job.folder, job.target), {"selection": "selection"})]
    assert clean_state.jobs == {}


def test_a_job_without_a_target_is_not_imported(calls, new_job, clean_state):
    job = new_job("1")
    job.target = None
    poll_timer.import_object(job)
    assert (names(calls), clean_state.jobs) == (["panels"], {})


def test_the_timer_goes_on_as_long_as_there_is_work(calls, new_job, clean_state, monkeypatch):
    assert poll_timer.on_timer() is None
    clean_state.orphaned = ["job"]
    assert poll_timer.on_timer() == 0.1
    clean_state.orphaned = []
    monkeypatch.setattr(job_scan, "_scan", iter(()))
    assert poll_timer.on_timer() == 0.1
    monkeypatch.setattr(job_scan, "_scan", None)
    new_job("1")
    assert poll_timer.on_timer() == poll_timer.POLL_INTERVAL_S < 0.1


def test_between_two_ticks_only_events_are_read(calls, new_job, deliver):
    job = new_job("1")
    poll_timer.tick_once()
    calls.clear()
    deliver((job, Progress(stage="sample", index=2, total=4)))
    poll_timer.tick_once()
    assert (job.index, calls) == (2, [])


def test_the_timer_goes_on_until_the_files_of_imported_objects_are_written(calls, clean_state):
    clean_state.session = SimpleNamespace(poll=list, jobs=["writing"])
    assert poll_timer.on_timer() == 0.1
    clean_state.session.jobs.clear()
    assert poll_timer.on_timer() is None


@pytest.mark.parametrize(("is_watched", "has_viewport"), [(True, True), (True, False), (False, True)])
def test_the_first_running_job_is_watched_if_there_is_a_viewport(calls, new_job, monkeypatch, is_watched, has_viewport):
    watched, job = [], new_job("1")
    new_job("2")
    monkeypatch.setattr(poll_timer, "watch", watched.append)
    monkeypatch.setattr(poll_timer.redraw, "has_viewport", lambda: has_viewport)
    poll_timer.tick(is_watched=is_watched)
    assert watched == [job.folder if is_watched and has_viewport else None]


def test_an_error_of_a_tick_is_a_problem_and_the_timer_goes_on(calls, new_job, clean_state, monkeypatch, capsys):
    def fail():
        raise ZeroDivisionError("by zero")

    new_job("1")
    monkeypatch.setattr(poll_timer, "tick_once", fail)
    assert poll_timer.on_timer() == poll_timer.POLL_INTERVAL_S
    assert str(clean_state.problem) == (
        "Internal error: ZeroDivisionError('by zero'). Report it with the output of the system console."
    )
    assert clean_state.problem.reason == "own_error"
    assert "Traceback" in capsys.readouterr().err


def test_ticks_are_timed_in_milliseconds(monkeypatch):
    times, seconds, done = deque(), iter((2.0, 2.25)), []
    monkeypatch.setattr(poll_timer, "time", SimpleNamespace(perf_counter=lambda: next(seconds)))
    poll_timer.timed(times, done.append, "argument")
    assert (list(times), done) == ([250.0], ["argument"])


def test_ticks_and_imports_are_timed_apart(calls, new_job, monkeypatch):
    ticks, imports = deque(), deque()
    monkeypatch.setattr(poll_timer, "tick_times_ms", ticks)
    monkeypatch.setattr(poll_timer, "import_times_ms", imports)
    poll_timer.tick_once()
    assert (len(ticks), len(imports)) == (1, 0)
    new_job("1").end = "finished"
    poll_timer.tick_once()
    assert (len(ticks), len(imports)) == (1, 1)


@pytest.mark.parametrize("background", [False, True])
def test_the_timer_starts_once_and_only_with_a_window(monkeypatch, background):
    registered = []
    timers = SimpleNamespace(
        is_registered=lambda do: any(do is item[0] for item in registered),
        register=lambda do, first_interval, persistent: registered.append((do, first_interval, persistent)),
        unregister=lambda do: registered.clear(),
    )
    monkeypatch.setattr(poll_timer, "bpy", SimpleNamespace(app=SimpleNamespace(background=background, timers=timers)))
    poll_timer.start()
    poll_timer.start()
    assert registered == ([] if background else [(poll_timer.on_timer, 0.1, True)])
    poll_timer.stop()
    poll_timer.stop()
    assert registered == []


def test_running_until_done_imports_what_has_finished_after_all_have_ended(calls, new_job, deliver, monkeypatch):
    first, second, third, offered = (new_job(str(number)) for number in range(4))
    offered.target = None
    rounds = iter([[(first, FINISHED)], [], [(second, CANCELED), (offered, FINISHED)], [(third, FINISHED)]])
    monkeypatch.setattr(poll_timer, "time", SimpleNamespace(perf_counter=lambda: 0.0, sleep=lambda _: None))
    monkeypatch.setattr(poll_timer, "tick", lambda is_watched: (deliver(*next(rounds)), poll_timer.poll_events()))
    poll_timer.run_until_done([first, second, third, offered])
    imported = [call[1] for call in calls if call[0] == "import_object"]
    assert imported == [first.folder, third.folder]
    assert next(rounds, None) is None


def test_interrupting_cancels_all_jobs(calls, new_job, clean_state, monkeypatch):
    canceled = []

    def interrupt(**_):
        raise KeyboardInterrupt

    monkeypatch.setattr(poll_timer, "tick", interrupt)
    job = new_job("1")
    with pytest.raises(KeyboardInterrupt):
        poll_timer.run_until_done([job])
    clean_state.session = SimpleNamespace(cancel_all=lambda: canceled.append(1), jobs=[], held=[])
    with pytest.raises(KeyboardInterrupt):
        poll_timer.run_until_done([job])
    assert canceled == [1]
