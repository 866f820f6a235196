"""The agent: what it accepts from the other machine, and what it keeps of earlier connections."""

import hashlib
import io
import json
import os
import subprocess
import sys
import time

import pytest

from blender_text3d.protocol.claim import own_claim
from blender_text3d.protocol.create_job import create_job
from blender_text3d.protocol.events import Finished
from blender_text3d.remote.agent import Agent
from blender_text3d.remote.agent_main import end_earlier_agent
from blender_text3d.remote.frames import Frame, ProtocolError, frame_bytes, read_frame
from blender_text3d.remote.stored_jobs import MAX_AGE_S, StoredJobs
from tests.client.waiting import requests

KEY = "0123456789abcdef" * 2


@pytest.fixture
def jobs(tmp_path):
    return StoredJobs(tmp_path / "remote-jobs")


@pytest.fixture
def agent(jobs, tmp_path):
    return Agent(io.BytesIO(), jobs, tmp_path / "no-python")


def give(agent, data: bytes) -> list[Frame]:
    """Have the agent act on frames; returns those that it sends."""
    stream, start = io.BytesIO(data), agent._output.tell()
    while frame := read_frame(stream):
        agent.act(frame)
    agent._output.seek(start)
    sent = []
    while frame := read_frame(agent._output):
        sent.append(frame)
    return sent


def file(name, content=b"{}", key=KEY):
    values = {"key": key, "name": name, "size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    return frame_bytes("file", **values) + frame_bytes("chunk", content)


def stored(jobs, tmp_path, *events):
    """Put a job of the other machine into its folder."""
    job = create_job(tmp_path / "jobs", requests()[0])
    job.path.rename(jobs.path / KEY)
    folder = jobs.folder(KEY)
    for event in events:
        folder.append(event)
    return folder


@pytest.mark.parametrize("kind", ["open", "create", "cancel", "forget", "watch", "file"])
@pytest.mark.parametrize("key", ["../evil", "", "0" * 31, "0" * 33, "A" * 32, KEY + "/x", KEY + "\n", KEY + "-1000"])
def test_a_key_that_is_none_is_refused(agent, tmp_path, kind, key):
    before = set(tmp_path.rglob("*"))
    with pytest.raises(ProtocolError, match="the key"):
        give(agent, file("request.json", key=key) if kind == "file" else frame_bytes(kind, key=key))
    assert set(tmp_path.rglob("*")) == before


@pytest.mark.parametrize(
    "name", ["../evil", "claim.json", "events.jsonl", "cancel", "mesh.npz", "input_image/x", "", "input_image.p\x00"]
)
def test_a_file_that_is_no_input_is_refused(agent, tmp_path, name):
    before = set(tmp_path.rglob("*"))
    with pytest.raises(ProtocolError, match="the file"):
        give(agent, file(name))
    assert set(tmp_path.rglob("*")) == before


def test_a_request_that_is_no_request_fails_as_a_job(agent, jobs):
    give(agent, frame_bytes("open", key=KEY) + file("request.json", b"[]") + frame_bytes("create", key=KEY))
    assert (jobs.folder(KEY).path / "request.json").read_bytes() == b"[]"
    assert jobs.folder(KEY).events()[0].kind == "queued"


def test_an_unfinished_upload_is_not_a_job(agent, jobs):
    give(agent, frame_bytes("open", key=KEY) + file("request.json"))
    (answer,) = give(agent, frame_bytes("open", key=KEY))
    assert (answer.kind, answer.text("state")) == ("state", "absent")


def test_a_job_that_has_ended_is_there_for_the_next_connection(agent, jobs, tmp_path):
    stored(jobs, tmp_path, Finished(elapsed_s=1.0, files={}))
    (answer,) = give(agent, frame_bytes("open", key=KEY))
    assert answer.text("state") == "present"
    frames = frame_bytes("do", jobs=[{"key": KEY, "seen": 0}], at_once=None)
    give(agent, frames)
    agent.tick()
    agent._output.seek(0)
    kinds = []
    while frame := read_frame(agent._output):
        kinds.append(frame.kind)
    assert kinds[-2:] == ["claimed", "event"]


def test_a_job_whose_worker_is_gone_is_made_again(agent, jobs, tmp_path):
    folder = stored(jobs, tmp_path)
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    claim = own_claim()._replace(pid=gone.pid, started="gone")
    (folder.path / "claim.json").write_text(json.dumps(claim._asdict()))
    (answer,) = give(agent, frame_bytes("open", key=KEY))
    assert answer.text("state") == "absent"
    assert not folder.path.exists()


def test_a_job_that_a_worker_runs_stays(agent, jobs, tmp_path):
    folder = stored(jobs, tmp_path)
    (folder.path / "claim.json").write_text(json.dumps(own_claim()._asdict()))
    (answer,) = give(agent, frame_bytes("open", key=KEY))
    assert answer.text("state") == "present"


def test_a_job_that_is_forgotten_is_removed(agent, jobs, tmp_path):
    folder = stored(jobs, tmp_path, Finished(elapsed_s=1.0, files={}))
    give(agent, frame_bytes("forget", key=KEY))
    assert not folder.path.exists()


def test_jobs_that_nobody_fetched_are_removed_after_a_week(jobs, tmp_path):
    folder = stored(jobs, tmp_path)
    (jobs.path / "worker-1.log").touch()
    StoredJobs(jobs.path)
    assert folder.path.exists()
    old = time.time() - MAX_AGE_S - 60.0
    for path in (folder.path, jobs.path / "worker-1.log"):
        os.utime(path, (old, old))
    StoredJobs(jobs.path)
    assert list(jobs.path.iterdir()) == []


def test_the_agent_of_an_earlier_connection_is_ended_and_no_other_process(tmp_path):
    note = tmp_path / "note.json"
    earlier = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    try:
        note.write_text(json.dumps(own_claim()._replace(pid=earlier.pid, started="another start")._asdict()))
        end_earlier_agent(note)
        assert earlier.poll() is None, "a process that took over the number was killed"
        note.write_text(json.dumps(own_claim()._replace(pid=earlier.pid, started="")._asdict()))
        end_earlier_agent(note)
        assert earlier.wait(60) != 0
    finally:
        earlier.kill()
    assert json.loads(note.read_text())["pid"] == os.getpid()
