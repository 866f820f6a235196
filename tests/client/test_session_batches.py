# SPDX-License-Identifier: GPL-3.0-or-later
"""Batched jobs: unclaimed jobs are offered again, and each job reports its own events."""

import os
import signal

import pytest

from blender_text3d.client import offers
from tests.client.conftest import PAIR_WORKER
from tests.client.waiting import finish, news_until, reached, requests
from tests.worker.scripted_python import WITH_SCRIPTED_ENGINE

SLOW_STEPS = 500


def pairs_of(ends):
    """Return for each job the indices of the jobs of its batch."""
    names = [job.job_id for job in ends]
    return [sorted(names.index(name) for name in last.files["pair"].split()) for last in ends.values()]


def test_unclaimed_jobs_of_an_offer_are_offered_again(session_with):
    session = session_with(PAIR_WORKER)
    jobs = session.submit(requests(count=5))
    ends = finish(session)
    assert ends.keys() == set(jobs)
    assert pairs_of({job: ends[job] for job in jobs}) == [[0, 1], [0, 1], [2, 3], [2, 3], [4]]


def test_a_session_limits_the_batch_size(session_with):
    session = session_with(PAIR_WORKER, max_batch_size=1)
    jobs = session.submit(requests(count=3))
    ends = finish(session)
    assert pairs_of({job: ends[job] for job in jobs}) == [[0], [1], [2]]


def test_more_jobs_than_fit_in_one_offer_are_all_run(session_with, monkeypatch):
    monkeypatch.setattr(offers, "MAX_JOBS_PER_OFFER", 3)
    session = session_with(PAIR_WORKER)
    jobs = session.submit(requests(count=8))
    assert finish(session).keys() == set(jobs)


def test_a_crashed_worker_fails_only_the_jobs_that_it_had_claimed(session_with):
    session = session_with(PAIR_WORKER)
    jobs = session.submit([*requests(), *requests("die"), *requests(count=2)])
    ends = finish(session)
    assert [ends[job].kind for job in jobs] == ["failed", "failed", "finished", "finished"]
    assert [ends[job].reason for job in jobs[:2]] == ["worker_died"] * 2


ECHOES_OBJECT_ONLY = """
import os, sys
sys.path.insert(0, os.getcwd())
from blender_text3d.protocol.events import Finished
from blender_text3d.worker.commands import commands_from
for offer in commands_from(sys.stdin):
    offer.jobs[0].claim()
    offer.jobs[0].append(Finished(elapsed_s=0.0, files={"object_only": str(offer.object_only)}))
"""


@pytest.mark.parametrize("object_only", [False, True])
def test_a_session_tells_the_worker_if_it_needs_the_objects_alone(session_with, object_only):
    session = session_with(ECHOES_OBJECT_ONLY, object_only=object_only)
    session.submit(requests())
    assert [last.files["object_only"] for last in finish(session).values()] == [str(object_only)]


@pytest.fixture
def trio(session_with):
    """Three slow jobs that the real worker is running as one batch."""
    session = session_with(WITH_SCRIPTED_ENGINE, max_batch_size=8)
    jobs = session.submit(requests("slow", count=3, steps=SLOW_STEPS))
    news_until(session, reached("sample"))
    return session, jobs


def test_one_of_three_is_cancelled_and_the_others_finish(session_with):
    session = session_with(WITH_SCRIPTED_ENGINE, max_batch_size=8)
    jobs = session.submit(requests("slow", count=3, steps=60))
    news_until(session, reached("sample"))
    session.cancel(jobs[0])
    ends = finish(session)
    assert [ends[job].kind for job in jobs] == ["cancelled", "finished", "finished"]
    assert ends[jobs[0]].index < 60


def test_all_three_are_cancelled_at_once(trio):
    session, jobs = trio
    session.cancel_all()
    ends = finish(session)
    assert [ends[job].kind for job in jobs] == ["cancelled"] * 3


def test_a_killed_worker_fails_all_three_claimed_jobs(trio):
    session, jobs = trio
    os.kill(jobs[0].claimed_by().pid, signal.SIGKILL)
    ends = finish(session)
    assert [ends[job].reason for job in jobs] == ["worker_died"] * 3
    assert "in the stage sample" in ends[jobs[0]].message


def test_a_removed_folder_does_not_affect_the_other_jobs(session_with):
    session = session_with(WITH_SCRIPTED_ENGINE, max_batch_size=8)
    jobs = session.submit(requests("slow", count=3, steps=40))
    news_until(session, reached("sample"))
    jobs[1].path.rename(jobs[1].path.with_name(".gone"))
    ends = finish(session)
    assert [ends[job].kind for job in jobs] == ["finished", "failed", "finished"]
    assert ends[jobs[1]].reason == "broken_job"


def test_an_offered_unclaimed_job_is_cancelled_at_once(session_with):
    session = session_with("import time\ntime.sleep(600)\n")
    first, second = session.submit(requests(count=2))
    session.cancel(second)
    assert (second.last_event().kind, second.last_event().stage) == ("cancelled", "queued")
    assert session.jobs == [first]


def test_closing_completes_the_running_batch_and_keeps_the_rest_queued(session_with):
    session = session_with(WITH_SCRIPTED_ENGINE)
    jobs = session.submit(requests("slow", count=3, steps=12))  # a CPU runs one at a time
    news_until(session, reached("sample"))
    session.close()
    assert [job.kind for job in finish(session).values()] == ["finished"]
    assert [job.last_event().kind for job in jobs] == ["finished", "queued", "queued"]
    assert all(job.claimed_by() is None for job in jobs[1:])
