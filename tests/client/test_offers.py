# SPDX-License-Identifier: GPL-3.0-or-later
"""Offers: which jobs wait, fail or go to the next worker, by the state of worker, claim and clock."""

import os

import pytest

from blender_text3d.client import offers
from blender_text3d.client.offers import Offer
from blender_text3d.client.worker_process import CannotStart
from blender_text3d.protocol.create_job import create_job
from tests.client.recorded_worker import UNUSED_PID, Clock, RecordedWorker, claim_as
from tests.client.waiting import requests

CLAIM_TIMEOUT_S = 60.0


@pytest.fixture
def clock(monkeypatch) -> Clock:
    clock = Clock(1000.0)
    monkeypatch.setattr(offers, "time", clock)
    return clock


@pytest.fixture
def worker(tmp_path) -> RecordedWorker:
    return RecordedWorker(tmp_path / "python", tmp_path)


@pytest.fixture
def jobs(tmp_path):
    return [create_job(tmp_path / "jobs", request) for request in requests(count=3)]


@pytest.fixture
def offer(worker, jobs, clock) -> Offer:
    """An offer of three jobs that the worker has just received."""
    offer = Offer(worker, CLAIM_TIMEOUT_S, max_batch_size=None)
    offer.send(list(jobs))
    return offer


def test_a_new_offer_is_empty(worker):
    offer = Offer(worker, CLAIM_TIMEOUT_S, max_batch_size=2)
    assert (offer.jobs, offer.is_claimed, offer.max_batch_size) == ([], False, 2)
    assert offer.take_back() == []


@pytest.mark.parametrize(("max_batch_size", "max_jobs"), [(None, 32), (1, 1), (40, 40)])
def test_an_offer_has_as_many_jobs_as_the_largest_batch_or_32(worker, max_batch_size, max_jobs):
    assert Offer(worker, CLAIM_TIMEOUT_S, max_batch_size).max_jobs == max_jobs


def test_the_worker_is_started_only_if_it_does_not_listen(offer, worker, jobs):
    assert worker.calls == ["start"]
    offer.send(jobs[1:])
    assert worker.calls == ["start"]
    worker.exit(0)
    offer.send(jobs[2:])
    assert worker.calls == ["start", "start"]
    assert [sent for sent, _ in worker.offers] == [jobs, jobs[1:], jobs[2:]]


def test_the_worker_is_told_the_largest_batch(worker, jobs):
    for size in (None, 2):
        Offer(worker, CLAIM_TIMEOUT_S, size).send(jobs)
    assert worker.offers == [(jobs, None), (jobs, 2)]


def test_jobs_of_a_worker_that_cannot_be_started_belong_to_the_offer(worker, jobs):
    worker.is_missing = True
    offer = Offer(worker, CLAIM_TIMEOUT_S, None)
    with pytest.raises(CannotStart):
        offer.send(jobs)
    assert offer.jobs == jobs


def test_a_new_offer_is_not_claimed_because_the_one_before_was(offer, jobs):
    offer.remove(jobs[0])
    assert offer.is_claimed
    offer.send(jobs[1:])
    assert not offer.is_claimed


def test_unclaimed_jobs_are_taken_back_once_the_claimed_ones_have_ended(offer, worker, jobs):
    assert offer.take_back() == []
    worker.claim(jobs[0], jobs[1])
    assert [offer.failure(job, was_alive=True) for job in jobs] == [None] * 3
    assert offer.take_back() == []
    offer.remove(jobs[0])
    assert offer.take_back() == []
    offer.remove(jobs[1])
    assert offer.take_back() == jobs[2:]
    assert offer.jobs == []


def test_unclaimed_jobs_are_taken_back_once_a_claimed_one_has_started(offer, worker, jobs):
    worker.claim(jobs[0])
    offer.failure(jobs[0], was_alive=True)
    offer.has_started = True
    assert offer.take_back() == jobs[1:]
    assert offer.jobs == jobs[:1]
    assert offer.take_back() == []


def test_a_new_offer_has_not_started_because_the_one_before_had(offer, jobs):
    offer.has_started = True
    offer.send(jobs)
    assert not offer.has_started


def test_claimed_jobs_of_a_living_worker_have_not_failed(offer, worker, jobs, clock):
    worker.claim(*jobs)
    clock.now += 10 * CLAIM_TIMEOUT_S
    assert [offer.failure(job, was_alive=True) for job in jobs] == [None] * 3
    assert worker.calls == ["start"]


@pytest.mark.parametrize("is_launcher", [False, True])
def test_claimed_jobs_of_a_worker_that_exited_have_failed(offer, worker, jobs, is_launcher):
    if is_launcher:
        claim_as(jobs[0], pid=os.getpid(), parent=worker.pid)
    else:
        worker.claim(jobs[0])
    worker.exit(9)
    failed = offer.failure(jobs[0], was_alive=False)
    assert (failed.reason, "exit code 9" in failed.message) == ("worker_died", True)
    assert offer.is_claimed


@pytest.mark.parametrize("was_alive", [True, False])
def test_a_job_that_another_living_worker_claimed_has_not_failed(offer, jobs, was_alive):
    claim_as(jobs[0], pid=os.getpid())
    assert offer.failure(jobs[0], was_alive) is None
    assert offer.is_claimed


def test_a_job_that_another_worker_claimed_is_interrupted_when_that_is_gone(offer, jobs):
    claim_as(jobs[0], pid=UNUSED_PID + 50)
    assert offer.failure(jobs[0], was_alive=True).reason == "interrupted"


def test_an_unclaimed_job_fails_with_the_worker_that_never_claimed_one(offer, worker, jobs):
    worker.exit(1)
    failed = offer.failure(jobs[0], was_alive=False)
    assert (failed.reason, "exited before it accepted the job" in failed.message) == ("environment", True)
    assert not offer.is_claimed


@pytest.mark.parametrize("exit_code", [84, 85])
def test_an_unclaimed_job_goes_to_the_next_worker_if_this_one_exited_on_purpose(offer, worker, jobs, exit_code):
    worker.exit(exit_code)
    assert offer.failure(jobs[0], was_alive=False) is None
    assert offer.take_back() == jobs


def test_an_unclaimed_job_goes_to_the_next_worker_if_this_one_had_claimed_a_job_before(offer, worker, jobs):
    worker.claim(jobs[0])
    assert offer.failure(jobs[0], was_alive=True) is None
    offer.remove(jobs[0])
    offer.send(offer.take_back())
    worker.exit(1)
    assert offer.failure(jobs[1], was_alive=False) is None
    assert offer.take_back() == jobs[1:]


def test_the_next_worker_has_to_claim_a_job_itself(offer, worker, jobs):
    worker.claim(jobs[0])
    assert offer.failure(jobs[0], was_alive=True) is None
    offer.remove(jobs[0])
    worker.exit(1)
    offer.send(offer.take_back())
    worker.exit(1)
    assert offer.failure(jobs[1], was_alive=False).reason == "environment"


def test_an_unclaimed_job_waits_for_the_claimed_ones_even_if_the_worker_exited(offer, worker, jobs, clock):
    worker.claim(jobs[0])
    assert offer.failure(jobs[0], was_alive=True) is None
    clock.now += 10 * CLAIM_TIMEOUT_S
    worker.exit(1)
    assert offer.failure(jobs[1], was_alive=False) is None


def test_a_worker_that_claims_nothing_is_killed_after_the_timeout(offer, worker, jobs, clock):
    clock.now += CLAIM_TIMEOUT_S
    assert offer.failure(jobs[0], was_alive=True) is None
    assert worker.is_running
    clock.now += 0.1
    failed = offer.failure(jobs[0], was_alive=True)
    assert (failed.reason, "did not accept the job" in failed.message) == ("environment", True)
    assert worker.calls == ["start", "kill"]


def test_every_offer_has_its_own_timeout(offer, jobs, clock):
    clock.now += CLAIM_TIMEOUT_S
    offer.send(jobs)
    clock.now += CLAIM_TIMEOUT_S
    assert offer.failure(jobs[0], was_alive=True) is None


def ping_times(offer, worker, clock, seconds: int) -> list[int]:
    """Return the seconds at which the worker was sent something."""
    start, times, sent = clock.now, [], len(worker.offers)
    for second in range(1, seconds + 1):
        clock.now = start + second
        offer.ping_if_silent()
        times += [second] * (len(worker.offers) - sent)
        sent = len(worker.offers)
    return times


def test_a_silent_worker_is_asked_after_30_seconds_and_then_ever_more_rarely(offer, worker, jobs, clock):
    worker.claim(*jobs[:2])
    offer.failure(jobs[0], was_alive=True)
    assert ping_times(offer, worker, clock, 300) == [30, 90, 210]
    assert worker.offers[1:] == [(jobs[:2], None)] * 3


def test_an_event_postpones_the_question(offer, worker, jobs, clock):
    worker.claim(jobs[0])
    offer.failure(jobs[0], was_alive=True)
    assert ping_times(offer, worker, clock, 95) == [30, 90]
    offer.postpone_ping(30.0)
    assert ping_times(offer, worker, clock, 100) == [30, 90]


def test_a_worker_is_not_asked_before_it_claimed_a_job_or_after_it_exited(offer, worker, jobs, clock):
    assert ping_times(offer, worker, clock, 100) == []
    worker.claim(jobs[0])
    offer.failure(jobs[0], was_alive=True)
    worker.exit(1)
    assert ping_times(offer, worker, clock, 100) == []


def test_a_question_to_a_worker_that_just_exited_is_not_an_error(offer, worker, jobs, clock):
    worker.claim(jobs[0])
    offer.failure(jobs[0], was_alive=True)
    worker.is_pipe_broken = True
    assert ping_times(offer, worker, clock, 40) == []
    worker.is_pipe_broken = False
    assert ping_times(offer, worker, clock, 60) == [50]


def test_a_question_has_the_largest_batch_too(worker, jobs, clock):
    offer = Offer(worker, CLAIM_TIMEOUT_S, max_batch_size=3)
    offer.send(jobs)
    worker.claim(jobs[0])
    offer.failure(jobs[0], was_alive=True)
    clock.now += 30
    offer.ping_if_silent()
    assert worker.offers == [(jobs, 3), (jobs[:1], 3)]
