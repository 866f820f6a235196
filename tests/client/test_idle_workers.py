# SPDX-License-Identifier: GPL-3.0-or-later
"""Workers that exit after their idle timeout: no failure is reported and no job is lost."""

import random
import time

import pytest

from blender_text3d.client.session import Session
from blender_text3d.protocol.failures import IDLE
from blender_text3d.worker.idle_timeout import IDLE_VARIABLE
from tests.client.waiting import finish, news_until, reached, requests

SHORT_S = 0.3


@pytest.fixture
def session(scripted) -> Session:
    scripted.worker.variables = {IDLE_VARIABLE: str(SHORT_S)}
    return scripted


def wait_for_exit(session: Session) -> None:
    session.worker._process.wait(timeout=60)


def test_an_idle_worker_exits_and_the_next_job_starts_a_new_one(session):
    (first,) = session.submit(requests())
    assert finish(session)[first].kind == "finished"
    wait_for_exit(session)
    assert session.worker.exit_code == IDLE
    assert session.poll() == []
    (second,) = session.submit(requests())
    assert finish(session)[second].kind == "finished"
    assert first.claimed_by().pid != second.claimed_by().pid


def test_a_worker_without_an_idle_timeout_keeps_running(session):
    session.worker.variables = {IDLE_VARIABLE: "0"}
    (first,) = session.submit(requests())
    finish(session)
    time.sleep(3 * SHORT_S)
    (second,) = session.submit(requests())
    finish(session)
    assert first.claimed_by().pid == second.claimed_by().pid


def test_a_running_job_keeps_the_worker(session):
    (job,) = session.submit(requests("slow", steps=100))
    news_until(session, reached("sample"))
    time.sleep(3 * SHORT_S)
    assert finish(session)[job].kind == "finished"


def test_a_job_offered_while_the_worker_exits_is_run_by_a_new_worker(session, monkeypatch):
    (first,) = session.submit(requests())
    finish(session)
    wait_for_exit(session)
    # As if the exit had not been noticed: the offer goes into a pipe without a reader.
    monkeypatch.setattr(session.worker, "is_listening", lambda: True)
    (second,) = session.submit(requests())
    monkeypatch.undo()
    assert finish(session)[second].kind == "finished"
    assert second.claimed_by().pid != first.claimed_by().pid


def test_a_worker_that_exits_before_its_first_job_loses_no_job(session):
    session.worker.start()
    wait_for_exit(session)
    session.worker.is_listening, usual = (lambda: True), session.worker.is_listening
    (job,) = session.submit(requests())
    session.worker.is_listening = usual
    assert finish(session)[job].kind == "finished"


def test_offers_at_any_moment_around_the_exit_are_all_run(session):
    rng = random.Random(1)
    for _ in range(4):
        jobs = session.submit(requests(count=2))
        assert [event.kind for event in finish(session).values()] == ["finished"] * len(jobs)
        time.sleep(rng.uniform(0.9, 1.1) * SHORT_S)
