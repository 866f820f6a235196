# SPDX-License-Identifier: GPL-3.0-or-later
"""Too little disk space, a disk that fills up, a folder that cannot be written, two processes at once."""

import json
import resource
import subprocess
import sys
import threading
import time
from collections import namedtuple
from pathlib import Path

import pytest

from blender_text3d.engine.weights.download import fetch as fetch_module
from blender_text3d.engine.weights.download import partial_file
from blender_text3d.engine.weights.download.fetch import fetch
from blender_text3d.engine.weights.download.partial_file import PartialFile
from blender_text3d.engine.weights.errors import DownloadFailed
from blender_text3d.engine.weights.remove import remove
from blender_text3d.engine.weights.store.verified_stamp import quarantine
from blender_text3d.system.file_lock import FileLock
from tests.engine.weights.faulty_server import fault
from tests.engine.weights.run_steps import run_steps

REPOSITORY = Path(__file__).parents[3]
HANG_S = 300
Usage = namedtuple("Usage", "total used free")

FETCH = """
import json, sys
from pathlib import Path
from blender_text3d.engine.weights.catalogue import OFFICIAL, Address, Checkpoint, CheckpointFile
from blender_text3d.engine.weights.download.fetch import fetch
from blender_text3d.engine.weights.download.retry_policy import RetryPolicy
url, size, sha256, folder = sys.argv[1:]
form = CheckpointFile("test/net.pt", OFFICIAL, (Address(url, "the source"),), 36_000, size=int(size), sha256=sha256)
for update in fetch(Checkpoint("test/net", "", (form,), "", "", ""), Path(folder), policy=RetryPolicy(timeout_s=600.0)):
    print(update.to_json(), flush=True)
"""


def start_fetch(checkpoint, weights_dir):
    """Start a process that fetches and prints its updates."""
    form = checkpoint.variants[0]
    arguments = [form.addresses[0].url, str(form.size), form.sha256, str(weights_dir)]
    return subprocess.Popen(
        [sys.executable, "-c", FETCH, *arguments], cwd=REPOSITORY, stdout=subprocess.PIPE, text=True
    )


def test_nothing_is_downloaded_to_a_disk_without_space(server, checkpoint_at, weights, weights_dir, quick, monkeypatch):
    monkeypatch.setattr(partial_file.shutil, "disk_usage", lambda _: Usage(10**9, 10**9 - 1000, 1000))
    with pytest.raises(DownloadFailed, match="Free some space"):
        run_steps(fetch(checkpoint_at(server.put("/net.pt", weights)), weights_dir, policy=quick))
    assert PartialFile(weights_dir / "test/net.pt").size() == 0


def test_only_the_missing_bytes_need_space(server, checkpoint_at, weights, weights_dir, quick, monkeypatch):
    url = server.put("/net.pt", weights, fault(stop_after=100_000, stall=True))
    steps = fetch(checkpoint_at(url), weights_dir, policy=quick)
    while next(steps).done_bytes < 100_000:
        pass
    steps.close()
    free = partial_file.SPARE_BYTES + len(weights) - 100_000
    monkeypatch.setattr(partial_file.shutil, "disk_usage", lambda _: Usage(10**9, 0, free))
    run_steps(fetch(checkpoint_at(url), weights_dir, policy=quick))
    monkeypatch.setattr(partial_file.shutil, "disk_usage", lambda _: Usage(10**9, 0, free - 1))
    with pytest.raises(DownloadFailed):
        partial_file.require_free_space(weights_dir, len(weights) - 100_000)


def test_a_disk_that_fills_up_is_named_and_the_partial_file_is_kept(server, checkpoint_at, weights, weights_dir, quick):
    checkpoint = checkpoint_at(server.put("/net.pt", weights))
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, before[1]))
    try:
        with pytest.raises(DownloadFailed, match=r"The disk is full: .*net\.pt\.part"):
            run_steps(fetch(checkpoint, weights_dir, policy=quick))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert PartialFile(weights_dir / "test/net.pt").size() == 60_000
    _, local = run_steps(fetch(checkpoint, weights_dir, policy=quick))
    assert local.path.read_bytes() == weights
    assert server.ranges("/net.pt") == [None, "bytes=60000-"]


def test_a_folder_that_cannot_be_created_is_named(checkpoint_at, quick, tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(DownloadFailed, match="cannot be written"):
        run_steps(fetch(checkpoint_at("http://127.0.0.1:9/"), tmp_path / "file", policy=quick))


def test_two_processes_share_one_download(server, checkpoint_at, weights, weights_dir):
    one_waits = threading.Event()

    def serve_when_one_waits(handler, body):
        one_waits.wait(HANG_S)
        fault()(handler, body)

    def read_updates(process):
        for line in process.stdout:
            updates[process].append(json.loads(line))
            if updates[process][-1]["stage"] == "wait":
                one_waits.set()

    checkpoint = checkpoint_at(server.put("/net.pt", weights, serve_when_one_waits))
    updates = {start_fetch(checkpoint, weights_dir): [] for _ in range(2)}
    readers = [threading.Thread(target=read_updates, args=(process,)) for process in updates]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join(HANG_S)
    assert [process.wait(HANG_S) for process in updates] == [0, 0]
    assert [lines[-1]["stage"] for lines in updates.values()] == ["ready", "ready"]
    assert sum("wait" in {line["stage"] for line in lines} for lines in updates.values()) == 1
    assert len(server.requests) == 1


def test_the_lock_of_a_process_that_was_killed_is_free_again(server, checkpoint_at, weights, weights_dir, quick):
    checkpoint = checkpoint_at(server.put("/net.pt", weights, fault(stop_after=30_000, stall=True)))
    process = start_fetch(checkpoint, weights_dir)
    while PartialFile(weights_dir / "test/net.pt").size() < 30_000:
        assert process.poll() is None
        time.sleep(0.01)
    with FileLock(weights_dir / "test/net.lock") as lock:
        assert not lock.try_acquire()
    process.kill()
    process.communicate()
    _, local = run_steps(fetch(checkpoint, weights_dir, policy=quick))
    assert local.path.read_bytes() == weights
    assert server.ranges("/net.pt") == [None, "bytes=30000-"]


def test_removed_weights_leave_no_file_but_the_lock(server, checkpoint_at, weights, weights_dir, quick):
    checkpoint = checkpoint_at(server.put("/net.pt", weights))
    final = run_steps(fetch(checkpoint, weights_dir, policy=quick))[1].path
    quarantine(final)
    run_steps(fetch(checkpoint, weights_dir, policy=quick))
    PartialFile(final).path.write_bytes(b"begun")
    expected = sum(file.stat().st_size for file in final.parent.iterdir() if file.suffix != ".lock")
    assert remove(checkpoint, weights_dir) == expected > 2 * len(weights)
    assert [file.name for file in final.parent.iterdir()] == ["net.lock"]


def test_a_folder_without_write_permission_is_named(checkpoint_at, quick, tmp_path, monkeypatch):
    def refuse(path):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(fetch_module, "FileLock", refuse)
    with pytest.raises(DownloadFailed, match="cannot be written .Permission denied"):
        run_steps(fetch(checkpoint_at("http://127.0.0.1:9/"), tmp_path, policy=quick))
