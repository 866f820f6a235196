# SPDX-License-Identifier: GPL-3.0-or-later
"""Order and pause of the jobs that wait in a session."""

import pytest

from blender_text3d.client.session import Session
from blender_text3d.protocol.create_job import create_job
from blender_text3d.protocol.events import TERMINAL, Finished, Started
from blender_text3d.protocol.job_folder import JobFolder
from tests.client.recorded_worker import RecordedWorker
from tests.client.waiting import finish, news_until, reached, requests

STARTED = Started(
    pid=1, host="here", device="cpu", device_name="CPU", engine_version="0", torch_version="0", weights_sha256=""
)


@pytest.fixture
def session(jobs_dir, tmp_path, monkeypatch) -> Session:
    """A session whose worker is no process."""
    monkeypatch.setattr("blender_text3d.client.session.WorkerProcess", RecordedWorker)
    return Session(jobs_dir, tmp_path / "python")


def start(session, *jobs):
    session.worker.claim(*jobs)
    for job in jobs:
        job.append(STARTED)
    session.poll()


def end(session, *jobs):
    for job in jobs:
        job.append(Finished(elapsed_s=1.0, files={}))
    return [job for job, event in session.poll() if isinstance(event, TERMINAL)]


def offered(session):
    return [jobs for jobs, _ in session.worker.offers]


def test_jobs_end_in_the_order_that_they_were_put_in(session_with):
    session = session_with()
    session.is_paused = True
    jobs = session.submit(requests(count=5))
    wanted = [jobs[place] for place in (3, 0, 4, 2, 1)]
    session.reorder(wanted)
    session.is_paused = False
    assert list(finish(session)) == wanted


def test_jobs_behind_a_running_one_are_reordered_and_the_real_worker_runs_them_so(scripted):
    first, second, third, fourth = scripted.submit(requests("slow", count=4))
    news_until(scripted, reached("sample"))
    scripted.reorder([fourth, second, third])
    assert list(finish(scripted)) == [first, fourth, second, third]


def test_the_jobs_that_the_worker_left_are_taken_back_when_its_batch_has_started(session):
    jobs = session.submit(requests(count=4))
    later = session.submit(requests())
    session.worker.claim(*jobs[:2])
    session.poll()
    assert session.offer.jobs == jobs  # the third may still join the batch
    start(session, *jobs[:2])
    assert session.offer.jobs == jobs[:2]
    assert session.movable == [jobs[1], *jobs[2:], *later]
    end(session, *jobs[:2])
    assert offered(session) == [jobs, [*jobs[2:], *later]]


def test_jobs_of_an_offer_that_is_under_way_can_be_reordered_with_later_ones(session):
    jobs = session.submit(requests(count=3))
    later = session.submit(requests(count=2))
    assert session.movable == [*jobs[1:], *later]
    wanted = [later[1], jobs[2], later[0], jobs[1]]
    session.reorder(wanted)
    start(session, jobs[0])
    end(session, jobs[0])
    assert offered(session)[1:] == [wanted]


def test_a_part_of_the_jobs_is_reordered_in_its_places(session):
    first, *jobs = session.submit(requests(count=5))
    start(session, first)
    session.reorder([jobs[2], jobs[0]])
    end(session, first)
    assert offered(session)[1:] == [[jobs[2], jobs[1], jobs[0], jobs[3]]]


def test_jobs_that_have_ended_or_are_unknown_are_no_error_in_an_order(session, jobs_dir):
    first, second, third = session.submit(requests(count=3))
    start(session, first)
    end(session, first)
    session.reorder([create_job(jobs_dir, requests()[0]), third, first, second])
    assert session.jobs == [second, third]
    session.worker.claim(second)
    start(session, second)
    end(session, second)
    assert offered(session)[-1] == [third]


def test_a_paused_session_offers_nothing_and_starts_no_worker(session):
    session.is_paused = True
    jobs = session.submit(requests(count=2))
    assert session.poll()
    assert session.worker.calls == offered(session) == []
    assert session.jobs == session.held == jobs
    session.is_paused = False
    session.poll()
    assert (offered(session), session.held) == ([jobs], [])


def test_a_pause_lets_the_running_job_finish_and_holds_the_others(session):
    first, *others = session.submit(requests(count=3))
    start(session, first)
    session.is_paused = True
    assert session.held == others
    assert end(session, first) == [first]
    session.poll()
    assert len(offered(session)) == 1
    session.is_paused = False
    session.poll()
    assert offered(session)[1:] == [others]


def test_the_real_worker_runs_no_further_job_during_a_pause(scripted):
    jobs = scripted.submit(requests("slow", count=3))
    news_until(scripted, reached("sample"))
    scripted.is_paused = True
    news_until(scripted, lambda news: scripted.jobs == scripted.held)
    assert [job.last_event().kind for job in jobs] == ["finished", "queued", "queued"]
    assert [job.claimed_by() for job in jobs[1:]] == [None, None]
    scripted.is_paused = False
    assert list(finish(scripted)) == jobs[1:]


def test_jobs_that_were_offered_before_the_pause_are_followed(session):
    jobs = session.submit(requests(count=3))
    session.is_paused = True
    assert session.held == []
    start(session, *jobs[:2])
    assert session.held == jobs[2:]
    assert end(session, *jobs[:2]) == jobs[:2]


def test_a_held_job_is_cancelled_at_once(session):
    session.is_paused = True
    first, second = session.submit(requests(count=2))
    session.cancel(first)
    assert (first.last_event().kind, session.jobs) == ("cancelled", [second])


def test_the_worker_takes_the_next_job_of_an_offer_whose_first_was_cancelled_before_a_claim(session):
    first, second, third = session.submit(requests(count=3))
    session.cancel(first)
    session.is_paused = True
    session.poll()
    assert session.offer.jobs == [second, third]
    start(session, second)
    assert (session.offer.jobs, session.held) == ([second], [third])
    assert end(session, second) == [second]


def test_held_jobs_stay_on_disk_when_the_session_is_closed(session_with):
    session = session_with()
    session.is_paused = True
    jobs = session.submit(requests(count=2))
    session.close()
    assert [job.last_event().kind for job in jobs] == ["queued"] * 2
    other = session_with()
    other.resume(reversed(jobs))
    ends = finish(other)
    assert list(ends) == [jobs[1], jobs[0]]
    assert all(isinstance(event, Finished) for event in ends.values())


def test_a_crashed_worker_leaves_the_order(session):
    first, second, third = session.submit(requests(count=3))
    start(session, first)
    session.reorder([third, second])
    session.worker.exit(1)
    assert [job for job, event in session.poll() if isinstance(event, TERMINAL)] == [first]
    assert offered(session)[1:] == [[third, second]]


def test_the_claims_of_a_batch_are_read_once_however_often_it_is_polled(session, monkeypatch):
    jobs = session.submit(requests(count=20))
    read = []
    real = JobFolder.claimed_by
    monkeypatch.setattr(JobFolder, "claimed_by", lambda job: read.append(job) or real(job))
    start(session, *jobs)
    for _ in range(5):
        session.poll()
    assert sorted(job.job_id for job in read) == sorted(job.job_id for job in jobs)


def test_a_claim_that_is_not_complete_yet_is_read_again(session, monkeypatch):
    (job,) = session.submit(requests())
    (job.path / "claim.json").write_text("{")
    assert session.offer.claim_of(job).pid == 0
    (job.path / "claim.json").unlink()
    session.worker.claim(job)
    assert session.offer.claim_of(job).pid == session.worker.pid


def test_dropped_jobs_stay_queued_on_disk_and_can_be_resumed(session):
    jobs = session.submit(requests(count=3))
    start(session, jobs[0])
    session.drop_waiting()
    assert session.jobs == [jobs[0]]
    end(session, jobs[0])
    assert not jobs[1].is_claimed()
    session.resume(jobs[1:])
    assert offered(session)[-1] == jobs[1:]
