# SPDX-License-Identifier: GPL-3.0-or-later
"""Sessions by the exact state of worker, claims and folders, without processes."""

import shutil

import pytest

from blender_text3d.client import offers
from blender_text3d.client.session import Session
from blender_text3d.protocol.create_job import create_job
from blender_text3d.protocol.errors import InvalidJob
from blender_text3d.protocol.events import TERMINAL, Finished, Progress, Queued
from tests.client.recorded_worker import Clock, RecordedWorker
from tests.client.waiting import requests


@pytest.fixture
def clock(monkeypatch) -> Clock:
    clock = Clock(1000.0)
    monkeypatch.setattr(offers, "time", clock)
    return clock


@pytest.fixture
def make_session(jobs_dir, tmp_path, monkeypatch, clock):
    monkeypatch.setattr("blender_text3d.client.session.WorkerProcess", RecordedWorker)
    return lambda **choices: Session(jobs_dir, tmp_path / "python", **choices)


@pytest.fixture
def session(make_session) -> Session:
    return make_session()


def ends_of(news) -> list[tuple]:
    return [(job, event.kind) for job, event in news if isinstance(event, TERMINAL)]


def finish(*jobs) -> None:
    for job in jobs:
        job.append(Finished(elapsed_s=1.0, files={}))


def test_a_session_is_for_blender_and_waits_a_minute_for_a_claim(session, clock):
    (job,) = session.submit(requests())
    assert job.events()[0].is_for_blender
    clock.now += 60.0
    assert ends_of(session.poll()) == []
    clock.now += 0.1
    assert ends_of(session.poll()) == [(job, "failed")]


def test_a_session_passes_its_choices_on(make_session, clock, jobs_dir, tmp_path):
    session = make_session(claim_timeout_s=5.0, max_batch_size=2, is_for_blender=False)
    jobs = session.submit(requests(count=3))
    assert not jobs[0].events()[0].is_for_blender
    assert session.worker.offers == [(jobs[:2], 2)]
    assert (session.worker.python, session.worker.log.parent) == (tmp_path / "python", jobs_dir)
    clock.now += 5.1
    assert ends_of(session.poll()) == [(jobs[0], "failed")]


def test_jobs_are_offered_when_all_of_a_submission_are_created(session):
    jobs = session.submit(requests(count=3))
    assert session.worker.offers == [(jobs, None)]
    assert session.submit(requests())[0] not in session.worker.offers[0][0]
    assert len(session.worker.offers) == 1


def test_a_long_submission_is_offered_as_soon_as_one_offer_is_full(session, monkeypatch):
    monkeypatch.setattr(offers, "MAX_JOBS_PER_OFFER", 3)
    counts = []

    def slow_requests():
        for request in requests(count=5):
            counts.append(len(session.worker.offers))
            yield request

    jobs = session.submit(slow_requests())
    assert counts == [0, 0, 0, 1, 1]
    assert session.worker.offers == [(jobs[:3], None)]
    assert session.jobs == jobs


def test_jobs_before_one_that_cannot_be_created_are_offered(session, jobs_dir):
    def breaking_requests():
        yield requests()[0]
        yield requests(prompt="a blue car")[0]
        shutil.rmtree(jobs_dir)
        jobs_dir.touch()
        yield requests()[0]

    with pytest.raises(InvalidJob):
        session.submit(breaking_requests())
    assert [len(jobs) for jobs, _ in session.worker.offers] == [2]


def test_events_are_reported_in_order_and_once(session):
    first, second = session.submit(requests(count=2))
    session.worker.claim(first, second)
    first.append(Progress(stage="sample", index=1, total=2))
    finish(second)
    assert [(job, event.kind) for job, event in session.poll()] == [
        (first, "queued"),
        (second, "queued"),
        (first, "stepped"),
        (second, "finished"),
    ]
    assert session.jobs == [first]
    assert session.poll() == []


def test_events_that_a_worker_wrote_before_it_died_count(session):
    first, second = session.submit(requests(count=2))
    session.worker.claim(first, second)
    finish(first)
    session.worker.exit(1)
    assert ends_of(session.poll()) == [(first, "finished"), (second, "failed")]


def test_a_worker_that_dies_while_events_are_read_is_reported_by_the_next_poll(session, monkeypatch):
    (job,) = session.submit(requests())
    session.worker.claim(job)
    session.poll()

    def was_just_alive() -> bool:
        session.worker.exit(1)
        monkeypatch.undo()
        return True

    monkeypatch.setattr(session.worker, "is_alive", was_just_alive)
    assert session.poll() == []


def test_the_rest_of_an_offer_comes_before_jobs_submitted_later(session):
    jobs = session.submit(requests(count=3))
    later = session.submit(requests(prompt="a blue car"))
    session.worker.claim(jobs[0])
    session.poll()
    finish(jobs[0])
    session.poll()
    assert session.worker.offers[1:] == [([*jobs[1:], *later], None)]
    assert session.jobs == jobs[1:] + later


def test_a_worker_that_cannot_be_started_fails_one_job_after_the_other(session):
    session.worker.is_missing = True
    jobs = session.submit(requests(count=3))
    assert session.jobs == []
    assert ends_of(session.poll()) == [(job, "failed") for job in jobs]
    assert [job.last_event().message for job in jobs] == ["There is no Python."] * 3


def test_a_worker_that_exits_while_it_is_sent_an_offer_is_reported_by_the_next_poll(session):
    session.worker.is_pipe_broken = True
    jobs = session.submit(requests(count=2))
    assert session.jobs == jobs
    session.worker.exit(85)
    session.worker.is_pipe_broken = False
    assert ends_of(session.poll()) == []
    assert session.worker.offers == [(jobs, None)]


def test_a_waiting_job_that_is_cancelled_leaves_the_queue_and_is_never_offered(session):
    first, second = [session.submit(requests())[0] for _ in range(2)]
    session.cancel(second)
    assert (second.last_event().kind, second.last_event().stage, second.last_event().index) == (
        "cancelled",
        "queued",
        0,
    )
    assert second.claimed_by().is_own_process()
    assert session.jobs == [first]
    assert ends_of(session.poll()) == [(second, "cancelled")]


def test_a_waiting_job_whose_folder_is_gone_is_cancelled(session, jobs_dir):
    _, second = [session.submit(requests())[0] for _ in range(2)]
    shutil.rmtree(second.path)
    session.cancel(second)
    assert ends_of(session.poll()) == [(second, "cancelled")]


def test_a_waiting_job_that_another_worker_runs_is_asked_to_stop(session):
    first, second = [session.submit(requests())[0] for _ in range(2)]
    session.worker.claim(second)
    session.cancel(second)
    assert second.is_cancel_requested()
    assert session.jobs == [first, second]


def test_an_offered_job_that_is_not_claimed_ends_at_once(session):
    first, second = session.submit(requests(count=2))
    session.cancel(first)
    assert ends_of(session.poll()) == [(first, "cancelled")]
    assert (first.last_event().stage, first.last_event().index) == ("queued", 0)
    assert session.jobs == [second]


def test_a_running_job_is_asked_to_stop_and_keeps_running_until_it_does(session):
    (job,) = session.submit(requests())
    session.worker.claim(job)
    session.cancel(job)
    assert job.is_cancel_requested()
    assert ends_of(session.poll()) == []
    assert session.jobs == [job]
    assert "kill" not in session.worker.calls


def test_a_running_job_whose_folder_is_gone_is_ended_with_its_worker(session):
    first, second = session.submit(requests(count=2))
    session.worker.claim(first)
    session.poll()
    shutil.rmtree(first.path)
    session.cancel(first)
    news = session.poll()
    assert ends_of(news) == [(first, "cancelled")]
    assert news[-1][1].stage == "unknown"
    assert session.worker.calls == ["start", "kill", "start"]
    assert session.jobs == [second]


def test_a_worker_that_runs_other_jobs_too_is_not_killed_for_a_lost_folder(session):
    first, second = session.submit(requests(count=2))
    session.worker.claim(first, second)
    session.poll()
    shutil.rmtree(first.path)
    session.cancel(first)
    assert ends_of(session.poll()) == [(first, "cancelled")]
    assert session.worker.calls == ["start"]
    assert session.jobs == [second]


def test_cancelling_a_lost_job_that_this_session_does_not_run_changes_nothing(session, jobs_dir):
    (running,) = session.submit(requests())
    session.worker.claim(running)
    other = create_job(jobs_dir, requests()[0])
    shutil.rmtree(other.path)
    session.cancel(other)
    assert session.worker.calls == ["start"]
    assert ends_of(session.poll()) == []


def test_cancel_all_offers_no_waiting_job_in_place_of_a_cancelled_one(session):
    jobs = [session.submit(requests())[0] for _ in range(3)]
    session.cancel_all()
    assert ends_of(session.poll()) == [(job, "cancelled") for job in (*jobs[1:], jobs[0])]
    assert session.worker.offers == [(jobs[:1], None)]


def test_closing_keeps_the_claimed_jobs_and_forgets_the_others(session):
    jobs = session.submit(requests(count=3))
    session.submit(requests())
    session.worker.claim(jobs[1], jobs[2])
    session.close()
    assert session.jobs == jobs[1:]
    assert session.worker.calls == ["start", "close"]


def test_closing_keeps_the_first_job_of_an_offer_that_the_worker_may_be_about_to_claim(session):
    jobs = session.submit(requests(count=3))
    session.close()
    assert session.jobs == jobs[:1]


def test_resumed_jobs_are_offered_and_those_that_ended_are_reported(session, jobs_dir):
    first, second, third = [create_job(jobs_dir, request) for request in requests(count=3)]
    finish(second)
    session.resume([first, second, third])
    assert session.worker.offers == [([first, third], None)]
    assert ends_of(session.poll()) == [(second, "finished")]


def test_a_failure_that_cannot_be_written_is_reported(session):
    (job,) = session.submit(requests())
    job.journal.unlink()
    job.journal.mkdir()
    session.worker.exit(1)
    assert ends_of(session.poll()) == [(job, "failed")]
    assert session.jobs == []


def test_an_event_postpones_the_question_to_a_silent_worker(session, clock):
    (job,) = session.submit(requests())
    session.worker.claim(job)
    session.poll()
    for _ in range(3):
        clock.now += 29.0
        job.append(Progress(stage="sample", index=1, total=2))
        session.poll()
    assert len(session.worker.offers) == 1
    clock.now += 30.0
    session.poll()
    assert session.worker.offers[1:] == [([job], None)]


def test_the_first_event_is_that_of_the_submission(session):
    session.submit(requests())
    ((_, event),) = session.poll()
    assert isinstance(event, Queued)
