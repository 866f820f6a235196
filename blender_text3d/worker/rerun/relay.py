# SPDX-License-Identifier: GPL-3.0-or-later
"""The relay process, `python -m ... ADDRESS`: follows growing recordings and sends them to a viewer.

It reads job folders from stdin, one a line, and follows the recording of each until the job has ended. The exit code is
0 once stdin is closed and everything is sent, and VIEWER_GONE as soon as the viewer is known to be closed or stuck.
"""

import os
import queue
import socket
import sys
import threading
import time
import warnings
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import rerun as rr
from rerun.chunk import Chunk, RrdReader

from ...protocol.events import TERMINAL
from ...protocol.job_folder import JobFolder
from .blueprint import APPLICATION_ID, blueprint, roots_of

POLL_EVERY_S = 0.25
CONNECT_TIMEOUT_S = 30.0
FLUSH_TIMEOUT_S = 20.0
EXIT_TIMEOUT_S = 30.0
VIEWER_GONE = 3
DEFAULT_PORT = 9876

JobQueue = queue.Queue[JobFolder | None]
"""Jobs to follow; None is the end."""


class Follower:
    """A growing job.rrd that is sent to a viewer."""

    def __init__(self, folder: JobFolder, address: str) -> None:
        self._folder = folder
        self._size = 0
        self._sent: set[str] = set()
        request = folder.read_request()
        name = request.comparison or folder.job_id
        # The file already contains the recording's properties.
        self._stream = rr.RecordingStream(APPLICATION_ID, recording_id=name, send_properties=False)
        self._stream.set_sinks(rr.GrpcSink(address))
        self._stream.send_blueprint(blueprint(roots_of(request)), make_active=False)

    def send_new(self) -> bool:
        """Send the data that was added to the file; True if more can be added.

        Raises:
            RuntimeError: The viewer does not accept any more data.
        """
        has_ended = isinstance(self._folder.last_event(), TERMINAL)  # checked first: the file is complete by then
        chunks = self._new_chunks()
        if chunks:
            rr.send_chunks(chunks, recording=self._stream)
            self._stream.flush(timeout_sec=FLUSH_TIMEOUT_S)
        return not has_ended

    def _new_chunks(self) -> list[Chunk]:
        """Return the chunks that were not sent; empty if the file ends in an incomplete message for now."""
        path = self._folder.rrd
        try:
            size = path.stat().st_size
            chunks = list(RrdReader(path).stream()) if size != self._size else []
        except (OSError, ValueError, RuntimeError):
            return []
        self._size = size
        new = [chunk for chunk in chunks if chunk.id not in self._sent]
        self._sent.update(chunk.id for chunk in new)
        return new


def main(address: str) -> int:
    """Follow the recordings of the jobs named on stdin, and return the exit code."""
    warnings.simplefilter("ignore")  # the reader warns of every recording that is still growing
    jobs: JobQueue = queue.Queue()
    threading.Thread(target=read_jobs, args=(jobs,), daemon=True).start()
    if not wait_for_port(address, CONNECT_TIMEOUT_S):
        return VIEWER_GONE
    try:
        follow_all(jobs, address)
    except RuntimeError:
        return VIEWER_GONE
    return 0


def read_jobs(jobs: JobQueue) -> None:
    """Queue the job folders named on stdin, then None; exits the process if it does not finish soon after that."""
    for line in sys.stdin:
        jobs.put(JobFolder(Path(line.rstrip("\n"))))
    jobs.put(None)
    time.sleep(EXIT_TIMEOUT_S)
    os._exit(VIEWER_GONE)


def follow_all(jobs: JobQueue, address: str) -> None:
    """Follow the recording of each queued job until the job has ended or the queue is closed."""
    followers: list[Follower] = []
    is_open = True
    while is_open:
        queued = take_queued(jobs)
        is_open = None not in queued
        followers += [Follower(job, address) for job in queued if job is not None]
        followers = [follower for follower in followers if follower.send_new()]


def take_queued(jobs: JobQueue) -> list[JobFolder | None]:
    """Return the jobs queued since the last call, after at most POLL_EVERY_S."""
    queued = []
    with suppress(queue.Empty):
        queued.append(jobs.get(timeout=POLL_EVERY_S))
        while True:
            queued.append(jobs.get_nowait())
    return queued


def wait_for_port(address: str, timeout_s: float) -> bool:
    """Wait until an address accepts connections; False after the timeout."""
    url = urlsplit(address.removeprefix("rerun+"))
    end = time.monotonic() + timeout_s
    while time.monotonic() < end:
        try:
            socket.create_connection((url.hostname, url.port or DEFAULT_PORT), timeout=1.0).close()
            return True
        except OSError:
            time.sleep(POLL_EVERY_S)
    return False


if __name__ == "__main__":
    # Not sys.exit: at a normal exit, Rerun may wait forever for an unresponsive viewer.
    os._exit(main(sys.argv[1]))
