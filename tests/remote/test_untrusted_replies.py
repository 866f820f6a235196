"""A job whose other machine sends something unexpected, from end to end."""

import sys
from pathlib import Path

import pytest

from blender_text3d.client.session import Session
from blender_text3d.protocol.events import Failed, Finished
from blender_text3d.protocol.failures import Reason
from blender_text3d.remote.host import SSH_VARIABLE, RemoteHost
from tests.client.waiting import finish, requests
from tests.remote.hostile_ssh import hostile_ssh


@pytest.fixture
def run(tmp_path, monkeypatch):
    """A function that runs a job whose other end sends this; returns the job and its last event."""
    sessions = []

    def run_job(hostile: str):
        (tmp_path / "ssh").mkdir()
        monkeypatch.setenv(SSH_VARIABLE, hostile_ssh(tmp_path / "ssh", hostile))
        session = Session(tmp_path / "jobs", Path(sys.executable))
        session.worker.relay = ("--retry=0.1", *RemoteHost("there").arguments())
        sessions.append(session)
        (job,) = session.submit(requests())
        return job, finish(session)[job]

    yield run_job
    for session in sessions:
        session.worker.kill()


@pytest.mark.parametrize("sent", ['file("../evil")', 'b"no JSON\\n"'])
def test_what_is_not_expected_ends_the_job_after_a_few_attempts(run, sent, tmp_path):
    job, end = run(f"say({sent})")
    assert isinstance(end, Failed)
    assert end.reason == Reason.REMOTE
    assert end.message.startswith("there sent something unexpected (")
    assert end.fix == "Generate again, or choose another machine."
    assert not list(tmp_path.rglob("evil*"))


def test_a_clock_there_that_is_wrong_does_not_show_here(run):
    job, end = run('say(event(1, "finished", elapsed_s=1.0, files={}))')
    assert isinstance(end, Finished)
    assert abs(end.time - job.events()[0].time) < 1000.0
