"""The other machine is not trusted: nothing that it sends leaves the job folder, or has a name that is not expected."""

import hashlib
import io
import json

import pytest

from blender_text3d.protocol.create_job import create_job
from blender_text3d.protocol.events import Finished
from blender_text3d.remote.arrivals import Arrivals
from blender_text3d.remote.connection import Connection
from blender_text3d.remote.frames import ProtocolError, frame_bytes, read_frame
from blender_text3d.remote.host import RemoteHost
from blender_text3d.remote.link import Link, Patience
from blender_text3d.remote.relayed_jobs import RelayedJobs
from tests.client.waiting import requests

THERE = RemoteHost("there")
STARTED = {"pid": 1, "host": "x", "device": "cpu", "device_name": "x", "engine_version": "x", "torch_version": "x"}


class Sent:
    """A claimed job, and what arrives for it."""

    def __init__(self, folder):
        self.folder = create_job(folder / "jobs", requests()[0])
        self.jobs = RelayedJobs()
        self.job = self.jobs.take([str(self.folder.path)])
        self.arrivals = Arrivals(self.jobs, Link(THERE, Patience()))
        self.before = self.files()

    def files(self):
        return {path: path.read_bytes() for path in self.folder.path.parents[1].rglob("*") if path.is_file()}

    def new_files(self):
        return {path.relative_to(self.folder.path).as_posix() for path in self.files().keys() - self.before.keys()}

    def receive(self, data: bytes):
        stream = io.BytesIO(data)
        while frame := read_frame(stream):
            self.arrivals.act(frame, Connection(THERE, []))

    def file(self, name, content=b"x", **changes):
        sha256 = hashlib.sha256(content).hexdigest()
        values = {"key": self.job.key, "name": name, "size": len(content), "sha256": sha256}
        return frame_bytes("file", **(values | changes)) + frame_bytes("chunk", content)

    def event(self, number, kind, **values):
        event = json.dumps({"kind": kind, "time": 1.0} | values)
        return frame_bytes("event", key=self.job.key, number=number, event=event)


@pytest.fixture
def sent(tmp_path):
    return Sent(tmp_path)


@pytest.mark.parametrize(
    "name",
    ["../evil", "/tmp/evil", "views/../../evil.png", "views/a/b.png", "views/..png/", "claim.json", "events.jsonl"]
    + ["request.json", "cancel", "worker-1.log", "mesh.npz.part", "NUL", "view_1.png\x00", "", "view_1.png\n"],
)  # fmt: skip
def test_a_file_that_no_worker_makes_is_refused(sent, name):
    with pytest.raises(ProtocolError, match="the file"):
        sent.receive(sent.file(name))
    assert sent.files() == sent.before


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (lambda sent: sent.file("mesh.npz", size=2**40), "too large"),
        (lambda sent: sent.file("mesh.npz", size=2**31), "mesh.npz has 2147483648 bytes"),
        (lambda sent: sent.file("mesh.npz", b"long", size=2), "mesh.npz is longer than announced"),
        (lambda sent: sent.file("mesh.npz", sha256="0" * 64), "mesh.npz was damaged on its way"),
        (lambda sent: sent.file("mesh.npz", size=2) + sent.file("cloud.npz"), "a file within a file"),
        (lambda sent: sent.file("mesh.npz", size=-1), "file has no number size"),
        (lambda sent: sent.file("mesh.npz", size=True), "file has no number size"),
        (lambda sent: sent.file("mesh.npz", sha256=None), "file has no text sha256"),
        (lambda sent: sent.event(7, "notice", message="x"), "event 7 after 0"),
        (lambda sent: sent.event(1, "notice", message="x") * 2, "event 1 after 1"),
        (lambda sent: frame_bytes("state", key=sent.job.key, state="absent"), "a job vanished while it was sent"),
        (lambda sent: frame_bytes("dance", key=sent.job.key), "the kind 'dance'"),
        (lambda sent: frame_bytes("event", number=1, event="x"), "event has no text key"),
        (lambda sent: b"no JSON\n", "a line is not JSON"),
        (lambda sent: b"[" * 100_000 + b"\n", "a line is not JSON"),
        (lambda sent: b"\xff\n", "a line is not JSON"),
        (lambda sent: b"[1]\n", "a line has no kind"),
        (lambda sent: b'{"kind": "chunk", "payload": 999999999}\n', "a frame has too many bytes"),
        (lambda sent: b'{"kind": "chunk", "payload": -1}\n', "a frame has too many bytes"),
        (lambda sent: b"x" * 200_000, "a line is too long"),
    ],
)
def test_what_is_not_expected_ends_the_connection(sent, data, why):
    with pytest.raises(ProtocolError, match=why):
        sent.receive(data(sent))
    sent.arrivals.drop_partial()
    assert sent.new_files() == set()


def test_a_link_in_place_of_a_file_is_replaced_and_not_followed(sent, tmp_path):
    target = tmp_path / "precious"
    target.write_bytes(b"precious")
    (sent.folder.path / "mesh.npz").symlink_to(target)
    (sent.folder.path / "mesh.npz.part").symlink_to(target)
    sent.receive(sent.file("mesh.npz", b"new"))
    assert target.read_bytes() == b"precious"
    assert (sent.folder.path / "mesh.npz").read_bytes() == b"new"


def test_files_of_a_result_that_have_not_arrived_are_left_out(sent):
    names = {"mesh": "mesh.npz", "cloud": "cloud.npz", "latent": "../../x", "rrd": "request.json"}
    sent.receive(sent.event(1, "started", weights_sha256="x", **STARTED) + sent.file("mesh.npz"))
    sent.receive(sent.event(2, "finished", elapsed_s=1.0, files=names))
    end = sent.folder.last_event()
    assert isinstance(end, Finished)
    assert end.files == {"mesh": "mesh.npz"}


def test_nothing_follows_the_last_event_but_a_thumbnail(sent):
    sent.receive(sent.event(1, "finished", elapsed_s=1.0, files={}))
    sent.receive(sent.event(2, "cancelled", stage="x", index=1))
    sent.receive(sent.file("mesh.npz") + sent.file("thumbnail.png"))
    assert isinstance(sent.folder.last_event(), Finished)
    assert "cancelled" not in sent.folder.journal.read_text()
    assert sent.new_files() == {"thumbnail.png"}


def test_an_event_of_a_newer_version_is_skipped(sent):
    sent.receive(sent.event(1, "sang", tune="x") + sent.event(2, "finished", elapsed_s=1.0, files={}))
    assert isinstance(sent.folder.last_event(), Finished)
    assert "sang" not in sent.folder.journal.read_text()


def test_what_arrives_for_a_job_that_was_dropped_is_ignored(sent):
    data = sent.file("mesh.npz") + sent.event(1, "finished", elapsed_s=1.0, files={})
    sent.jobs.forget(sent.job)
    sent.receive(data)
    assert sent.files() == sent.before


def test_the_image_of_a_view_arrives_in_its_folder(sent):
    sent.receive(sent.file("views/view_000.png"))
    assert sent.new_files() == {"views/view_000.png"}
