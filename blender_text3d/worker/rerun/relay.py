# SPDX-License-Identifier: GPL-3.0-or-later
"""A process that follows growing recordings and sends them to a viewer: ``python -m ... ADDRESS``.

Reads job folders from stdin, a line each, and follows each until its job has ended. It ends with 0 when stdin has ended
and all was sent, and with another number as soon as the viewer is known to be gone or stuck.
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

LOOK_EVERY_S = 0.25
CONNECT_TIMEOUT_S = 30.0
FLUSH_TIMEOUT_S = 20.0
END_TIMEOUT_S = 30.0
VIEWER_GONE = 3
DEFAULT_PORT = 9876


class Follower:
    """One job.rrd on its way to the viewer."""

    def __init__(self, job: JobFolder, address: str) -> None:
        self._job = job
        self._rrd = job.rrd
        self._size = 0
        self._sent: set = set()
        # The recording's name and start stand in the file already.
        request = job.read_request()
        name = request.comparison or job.job_id
        self._stream = rr.RecordingStream(APPLICATION_ID, recording_id=name, send_properties=False)
        self._stream.set_sinks(rr.GrpcSink(address))
        self._stream.send_blueprint(blueprint(roots_of(request)), make_active=False)

    def send_new(self) -> bool:
        """Send what the file gained; whether it can gain more.

        Raises:
            RuntimeError: The viewer takes nothing more.
        """
        has_ended = isinstance(self._job.last_event(), TERMINAL)  # asked first: its file is complete by then
        new = self._new_chunks()
        if new:
            rr.send_chunks(new, recording=self._stream)
            self._stream.flush(timeout_sec=FLUSH_TIMEOUT_S)
        return not has_ended

    def _new_chunks(self) -> list[Chunk]:
        """What was not sent; nothing where the file ends in half a message, which the next look will find whole."""
        try:
            size = self._rrd.stat().st_size
            chunks = list(RrdReader(self._rrd).stream()) if size != self._size else []
        except (OSError, ValueError, RuntimeError):
            return []
        self._size = size
        new = [chunk for chunk in chunks if chunk.id not in self._sent]
        self._sent.update(chunk.id for chunk in new)
        return new


def main(address: str) -> int:
    """Follow the recordings named on stdin until it ends."""
    warnings.simplefilter("ignore")  # A recording that still grows has no footer, and the reader says so each time.
    jobs: queue.Queue = queue.Queue()
    threading.Thread(target=read_jobs, args=(jobs,), daemon=True).start()
    if not is_open_within(address, CONNECT_TIMEOUT_S):
        return VIEWER_GONE
    try:
        follow_all(jobs, address)
    except RuntimeError:
        return VIEWER_GONE
    return 0


def read_jobs(jobs: queue.Queue) -> None:
    """Lines of stdin → job folders; None at its end, which also starts the clock for a viewer that is stuck."""
    for line in sys.stdin:
        jobs.put(JobFolder(Path(line.rstrip("\n"))))
    jobs.put(None)
    time.sleep(END_TIMEOUT_S)
    os._exit(VIEWER_GONE)


def follow_all(jobs: queue.Queue, address: str) -> None:
    """Follow every recording that is named until its job has ended, or the end of stdin is told."""
    followers: list[Follower] = []
    has_more = True
    while has_more:
        named = newly_named(jobs)
        has_more = None not in named
        followers += [Follower(job, address) for job in named if job is not None]
        followers = [follower for follower in followers if follower.send_new()]


def newly_named(jobs: queue.Queue) -> list[JobFolder | None]:
    """What was named since the last look, after a while at the latest; None is the end."""
    named = []
    with suppress(queue.Empty):
        named.append(jobs.get(timeout=LOOK_EVERY_S))
        while True:
            named.append(jobs.get_nowait())
    return named


def is_open_within(address: str, timeout_s: float) -> bool:
    """Whether somebody accepts connections there before the time is up."""
    place = urlsplit(address.removeprefix("rerun+"))
    end = time.monotonic() + timeout_s
    while time.monotonic() < end:
        try:
            socket.create_connection((place.hostname, place.port or DEFAULT_PORT), timeout=1.0).close()
            return True
        except OSError:
            time.sleep(LOOK_EVERY_S)
    return False


if __name__ == "__main__":
    # Not sys.exit: Rerun would first wait without end for a viewer that is stuck.
    os._exit(main(sys.argv[1]))
