# SPDX-License-Identifier: GPL-3.0-or-later
"""A worker without a process, for what depends on its exact state and on the clock."""

import json
from collections.abc import Sequence
from pathlib import Path

from blender_text3d.client.worker_process import CannotStart, WorkerProcess
from blender_text3d.protocol.job_folder import JobFolder

UNUSED_PID = 2**22 + 1
"""More than any process ID of Linux, so no process has it."""


class RecordedWorker(WorkerProcess):
    """Records what it is told; the test sets its state."""

    pid = 0
    exit_code: int | None = None

    def __init__(self, python: Path, jobs_dir: Path, **options: bool) -> None:
        super().__init__(python, jobs_dir, **options)
        self.calls: list[str] = []
        self.offers: list[tuple[list[JobFolder], int | None]] = []
        self.is_running = False
        self.is_missing = False
        self.is_pipe_broken = False

    def start(self) -> None:
        self.calls.append("start")
        if self.is_missing:
            raise CannotStart("There is no Python.")
        self.pid = (self.pid or UNUSED_PID - 1) + 1
        self.is_running, self.exit_code = True, None

    def send(self, jobs: Sequence[JobFolder], max_batch_size: int | None = None) -> None:
        if self.is_pipe_broken:
            raise BrokenPipeError
        self.offers.append((list(jobs), max_batch_size))

    def is_alive(self) -> bool:
        return self.is_running

    def is_listening(self) -> bool:
        return self.is_running

    def close(self) -> None:
        self.calls.append("close")

    def kill(self) -> None:
        self.calls.append("kill")
        self.exit(-9)

    def exit(self, code: int) -> None:
        self.is_running, self.exit_code = False, code

    def claim(self, *jobs: JobFolder) -> None:
        """Claim jobs as the process of this worker."""
        for job in jobs:
            claim_as(job, self.pid)


def claim_as(job: JobFolder, pid: int, **more: object) -> None:
    """Claim a job as a process of this machine."""
    host = job.events()[0].host
    (job.path / "claim.json").write_text(json.dumps({"pid": pid, "parent": 0, "host": host, **more}))


class Clock:
    """A replacement of the time module whose time the test sets."""

    def __init__(self, now: float) -> None:
        self.now = now

    def monotonic(self) -> float:
        return self.now

    def time(self) -> float:
        return self.now
