# SPDX-License-Identifier: GPL-3.0-or-later
"""Queued jobs: run in order, once each, and cancelable at any point."""

import json

from blender_text3d.client.session import Session
from blender_text3d.protocol.create_job import create_job
from blender_text3d.protocol.events import Progress, Queued
from tests.client.waiting import finish, news_until, reached, requests

SLOW_STEPS = 500


def test_every_job_reports_events_from_queued_to_its_end(scripted):
    (job,) = scripted.submit(requests())
    news = news_until(scripted, lambda news: not scripted.jobs)
    assert [event for _, event in news] == job.events()
    assert [job.events()[0].kind, job.events()[-1].kind] == ["queued", "finished"]


def test_one_worker_runs_the_jobs_in_the_order_of_submission(session_with):
    session = session_with()
    jobs = session.submit(requests(count=5))
    ends = finish(session)
    assert list(ends) == jobs
    assert len({job.claimed_by().pid for job in jobs}) == 1


def test_a_submit_while_another_job_runs_only_queues(session_with):
    session = session_with()
    first, second = session.submit(requests()), session.submit(requests("a blue car"))
    assert session.jobs == first + second
    assert finish(session).keys() == {*first, *second}


def test_a_cancelled_job_ends_after_its_current_step(scripted):
    (job,) = scripted.submit(requests("slow", steps=SLOW_STEPS))
    news_until(scripted, reached("sample"))
    scripted.cancel(job)
    (last,) = finish(scripted).values()
    steps = [event for event in job.events() if isinstance(event, Progress)]
    assert (last.kind, last.stage, last.index) == ("cancelled", "sample", steps[-1].index)
    assert last.index < SLOW_STEPS


def test_a_waiting_job_is_cancelled_at_once_and_never_claimed(scripted):
    first, second = scripted.submit(requests("slow", count=2, steps=SLOW_STEPS))
    scripted.cancel(second)
    assert (second.last_event().kind, second.last_event().stage) == ("cancelled", "queued")
    assert scripted.jobs == [first]
    scripted.cancel(first)
    assert finish(scripted)[second].kind == "cancelled"


def test_cancel_all_leaves_nothing_running(scripted):
    jobs = scripted.submit(requests("slow", count=3, steps=SLOW_STEPS))
    news_until(scripted, reached("sample"))
    scripted.cancel_all()
    assert [finish(scripted).get(job, job.last_event()).kind for job in jobs] == ["cancelled"] * 3


def test_closing_completes_the_running_job_and_keeps_the_others_queued(scripted):
    first, second = scripted.submit(requests("slow", count=2))
    news_until(scripted, reached("sample"))
    scripted.close()
    assert finish(scripted)[first].kind == "finished"
    assert second.last_event().kind == "queued"
    scripted.worker._process.wait(timeout=60)
    assert scripted.worker.exit_code == 0


def test_a_closed_session_accepts_new_jobs(session_with):
    session = session_with()
    session.submit(requests())
    finish(session)
    session.close()
    session.submit(requests())
    assert [event.kind for event in finish(session).values()] == ["finished"]


def test_two_sessions_on_one_folder_run_each_job_once_and_both_see_its_end(session_with, jobs_dir):
    sessions = [session_with(), session_with()]
    jobs = [create_job(jobs_dir, request) for request in requests(count=4)]
    for session in sessions:
        session.resume(jobs)
    ends = [finish(session) for session in sessions]
    assert ends[0] == ends[1]
    assert ends[0].keys() == set(jobs)
    assert [job.journal.read_text().count("finished") for job in jobs] == [1] * 4


def test_a_job_whose_foreign_worker_dies_is_interrupted(session_with, jobs_dir):
    (job,) = [create_job(jobs_dir, request) for request in requests()]
    dead = {"pid": 2**22 + 1, "parent": 0, "host": job.events()[0].host, "time": 0.0}
    (job.path / "claim.json").write_text(json.dumps(dead))
    session = session_with()
    session.resume([job])
    assert finish(session)[job].reason == "interrupted"


def test_resuming_a_finished_job_reports_its_end_and_runs_nothing(session_with):
    first = session_with()
    (job,) = first.submit(requests())
    finish(first)
    second = session_with()
    second.resume([job])
    assert [event.kind for _, event in second.poll()] == ["queued", "finished"]
    assert second.jobs == []
    assert not second.worker.is_alive()


def test_a_session_without_jobs_starts_no_process(tmp_path):
    session = Session(tmp_path / "jobs", tmp_path / "no-python")
    assert session.poll() == []
    assert not session.worker.is_alive()
    session.cancel_all()
    session.close()


def test_cancelling_a_job_twice_or_after_its_end_changes_nothing(session_with):
    session = session_with()
    (job,) = session.submit(requests())
    finish(session)
    session.cancel(job)
    session.cancel(job)
    assert session.poll() == []
    assert job.last_event().kind == "finished"


def test_the_queued_event_identifies_the_submitter(session_with):
    (job,) = session_with().submit(requests())
    assert isinstance(job.events()[0], Queued)
    assert job.events()[0].pid > 0
