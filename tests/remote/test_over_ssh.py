"""Jobs on another machine, over a real sshd, with the scripted engine there."""

import os
import signal
import sys
from pathlib import Path

import pytest

from blender_text3d.protocol.events import (
    Cancelled,
    Failed,
    Finished,
    Made,
    Notice,
    Progress,
    Queued,
    Started,
    event_from_json,
)
from blender_text3d.protocol.failures import Reason
from blender_text3d.protocol.request import make_requests
from blender_text3d.remote.host import RemoteHost
from tests.client.waiting import finish, news_until, reached, requests
from tests.remote.ssh_server import proxy_command


def events_of(job):
    """Every line of the journal, after the terminal one, too."""
    return [event_from_json(line) for line in job.journal.read_text().splitlines()]


def kinds(job, kind):
    return [event for event in events_of(job) if isinstance(event, kind)]


def samples(job):
    return [event.index for event in kinds(job, Progress) if event.stage == "sample"]


def one(session, prompt="a red chair", **choices):
    return session.submit(requests(prompt, **choices))[0]


def leave(session):
    """Close a session and wait until its relay has exited."""
    session.close()
    return session.worker._process.wait()


def folders_there(server):
    folder = server.home / "remote-jobs"
    return {path.name for path in folder.iterdir() if path.is_dir()} if folder.exists() else set()


def test_a_job_is_made_there_and_all_of_its_files_arrive(connect, server):
    session = connect()
    job = one(session, "a loud chair")
    job.set_watched(True)
    end = finish(session)[job]
    assert isinstance(end, Finished)
    assert end.files.keys() >= {"mesh", "latent"}
    for name in end.files.values():
        assert (job.path / name).stat().st_size > 0
    assert job.preview.exists()
    assert "descriptor 1 says hello" in job.log.read_text()
    leave(session)
    assert not list(job.path.glob("*.part"))
    assert job.thumbnail.exists()


def test_events_arrive_once_and_in_order(connect):
    session = connect()
    job = one(session, steps=16)
    finish(session)
    events = events_of(job)
    assert isinstance(events[0], Queued)
    assert samples(job) == list(range(17))
    order = [type(event) for event in events if not isinstance(event, Progress)]
    assert order == [Queued, Started, Made, Finished]
    assert all(first.time <= second.time + 1.0 for first, second in zip(events, events[1:], strict=False))


def test_nothing_is_left_there(connect, server):
    before = folders_there(server)
    session = connect()
    one(session)
    finish(session)
    leave(session)
    assert folders_there(server) == before


def test_two_jobs_run_there_in_one_batch(connect):
    session = connect(max_batch_size=2)
    jobs = session.submit(requests(count=2))
    ends = finish(session)
    assert all(isinstance(ends[job], Finished) for job in jobs)
    first, second = (kinds(job, Started)[0] for job in jobs)
    assert first.pid == second.pid
    assert first.device == second.device == "cpu:1"
    assert kinds(jobs[0], Made)[0].time > kinds(jobs[1], Started)[0].time


def test_jobs_of_a_queue_run_one_after_the_other(connect):
    session = connect(max_batch_size=1)
    jobs = session.submit(requests(count=3))
    ends = finish(session)
    assert [type(ends[job]) for job in jobs] == [Finished] * 3
    starts = [kinds(job, Started)[0].time for job in jobs]
    assert starts == sorted(starts)


def test_an_image_goes_there_and_comes_back_as_the_worker_sees_it(connect, tmp_path):
    from PIL import Image

    Image.effect_noise((64, 64), 50).save(tmp_path / "chair.png")
    session = connect()
    (request,) = make_requests("", model="mini/point-e", image=str(tmp_path / "chair.png"), steps=4, seed=1)
    (job,) = session.submit([request])
    assert isinstance(finish(session)[job], Finished)
    assert job.read_request().image == "input_image.png"


def test_a_running_job_is_canceled_there(connect):
    session = connect()
    job = one(session, "a slow chair", steps=200)
    news_until(session, reached("sample"))
    session.cancel(job)
    end = finish(session)[job]
    assert isinstance(end, Cancelled)
    assert end.stage == "sample"
    assert end.index < 200


def test_a_paused_queue_starts_no_further_job_there(connect):
    session = connect(max_batch_size=1)
    first, second = session.submit(requests("a slow chair", count=2, steps=30))
    news_until(session, reached("sample"))
    session.is_paused = True
    news_until(session, lambda news: first not in session.jobs)
    assert session.held == [second]
    assert not second.is_claimed()
    session.is_paused = False
    assert isinstance(finish(session)[second], Finished)


def test_a_pause_holds_when_the_line_breaks(connect, server):
    session = connect(max_batch_size=1)
    first, second = session.submit(requests("a slow chair", count=2, steps=60))
    news_until(session, reached("sample"))
    session.is_paused = True
    server.cut()
    news_until(session, lambda news: first not in session.jobs)
    assert isinstance(first.last_event(), Finished)
    assert not second.is_claimed()


def test_a_line_that_breaks_costs_nothing(connect, server):
    session = connect()
    job = one(session, "a slow chair", steps=60)
    news_until(session, reached("sample"))
    server.cut()
    end = finish(session)[job]
    assert isinstance(end, Finished)
    assert any("connection to there was lost" in notice.message for notice in kinds(job, Notice))
    assert "reconnect" in [event.stage for event in kinds(job, Progress)]
    assert len(kinds(job, Started)) == 1, "it was made twice"
    assert sorted(set(samples(job))) == list(range(61))
    assert (job.path / end.files["mesh"]).exists()


def test_a_line_that_goes_silent_is_given_up_and_made_again(connect, server):
    session = connect("--silent=1.5")
    job = one(session, "a slow chair", steps=60)
    news_until(session, reached("sample"))
    frozen = server.freeze()
    end = finish(session)[job]
    for process in frozen:
        process.send_signal(signal.SIGCONT)
    assert isinstance(end, Finished)
    assert len(kinds(job, Started)) == 1


@pytest.mark.parametrize(("up", "down"), [(1 << 40, 700_000), (1 << 40, 1_500_000)])
def test_a_line_that_breaks_while_a_result_is_sent_loses_nothing(connect, server, up, down):
    proxy = proxy_command(server.folder, server.port, [(up, down)])
    session = connect(ssh=server.write_client_config(proxy))
    job = one(session, "a large chair")
    end = finish(session)[job]
    assert isinstance(end, Finished)
    assert not list((server.folder / "cuts").iterdir()), "the line did not break"
    assert len(kinds(job, Started)) == 1
    assert len(kinds(job, Finished)) == 1
    assert job.latent.stat().st_size > 1_500_000
    leave(session)
    assert not list(job.path.glob("*.part"))
    assert job.thumbnail.exists()


def test_a_line_that_breaks_while_an_input_is_sent_sends_it_again(connect, server, tmp_path):
    from PIL import Image

    Image.effect_noise((1500, 1500), 50).save(tmp_path / "chair.png")
    proxy = proxy_command(server.folder, server.port, [(700_000, 1 << 40)])
    session = connect(ssh=server.write_client_config(proxy))
    (request,) = make_requests("", model="mini/point-e", image=str(tmp_path / "chair.png"), steps=4, seed=1)
    (job,) = session.submit([request])
    assert isinstance(finish(session)[job], Finished)
    assert not list((server.folder / "cuts").iterdir()), "the line did not break"
    assert len(kinds(job, Started)) == 1


def test_a_server_that_goes_down_and_comes_back_finishes_the_job(connect, server):
    session = connect()
    job = one(session, "a slow chair", steps=60)
    news_until(session, reached("sample"))
    server.stop()
    news_until(session, reached("reconnect"))
    server.start()
    end = finish(session)[job]
    assert isinstance(end, Finished)
    assert len(kinds(job, Started)) == 1


def test_a_server_that_stays_down_fails_the_job_and_the_next_try_gets_the_object_that_was_made(connect, server):
    session = connect("--lost=1", "--retry=0.3")
    job = one(session, "a slow chair", steps=60)
    news_until(session, reached("sample"))
    server.stop()
    try:
        end = finish(session)[job]
    finally:
        server.start()
    assert isinstance(end, Failed)
    assert (end.reason, end.message) == (Reason.REMOTE, "there refused the connection.")
    assert "kept and fetched" in end.fix
    again = one(connect(), "a slow chair", steps=60)
    session.worker.kill()
    session = connect()
    session.resume([again])
    assert isinstance(finish(session)[again], Finished)
    assert kinds(again, Started)[0].pid == kinds(job, Started)[0].pid


def test_a_cancel_without_a_connection_ends_the_job_at_once(connect, server):
    session = connect()
    job = one(session, "a slow chair", steps=200)
    news_until(session, reached("sample"))
    server.stop()
    try:
        news_until(session, reached("reconnect"))
        session.cancel(job)
        assert isinstance(finish(session)[job], Cancelled)
    finally:
        server.start()


def test_a_worker_there_that_dies_is_named_and_the_next_job_runs(connect):
    session = connect(max_batch_size=1)
    dead, alive = session.submit([*requests("die-in-sample"), *requests("a red chair")])
    ends = finish(session)
    assert isinstance(ends[dead], Failed)
    assert ends[dead].reason == Reason.WORKER_DIED
    assert ends[dead].message == "there: The worker crashed (signal 9) in the stage sample."
    assert isinstance(ends[alive], Finished)


def test_a_full_disk_there_is_named(connect, server):
    session = connect(host=RemoteHost("there", python=f"prlimit --fsize=1000000 {sys.executable}"))
    job = one(session, "a large chair")
    end = finish(session)[job]
    assert isinstance(end, Failed)
    assert (end.reason, end.message.partition(" (")[0]) == (Reason.REMOTE, end.message)
    assert end.message.startswith("there: The disk is full:")


def test_a_full_disk_there_is_named_when_an_input_does_not_fit(connect, tmp_path):
    from PIL import Image

    Image.effect_noise((1500, 1500), 50).save(tmp_path / "chair.png")
    session = connect(host=RemoteHost("there", python=f"prlimit --fsize=1000000 {sys.executable}"))
    (request,) = make_requests("", model="mini/point-e", image=str(tmp_path / "chair.png"), steps=4, seed=1)
    (job,) = session.submit([request])
    end = finish(session)[job]
    assert isinstance(end, Failed)
    assert (end.reason, end.message) == (Reason.REMOTE, "there: The disk cannot be written (File too large).")
    assert end.fix == "Free some space there and generate again."


def test_a_relay_whose_client_is_gone_completes_its_job(connect):
    session = connect()
    job = one(session, "a slow chair", steps=60)
    news_until(session, reached("sample"))
    assert leave(session) == 0
    assert isinstance(job.last_event(), Finished)
    assert job.mesh.exists()


def test_a_relay_that_is_killed_leaves_no_process_there(connect, server):
    session = connect()
    job = one(session, "a slow chair", steps=40)
    news_until(session, reached("sample"))
    pid = kinds(job, Started)[0].pid
    session.worker.kill()
    assert isinstance(finish(session)[job], Failed)
    while Path(f"/proc/{pid}").exists() and (Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"):
        os.sched_yield()
