# SPDX-License-Identifier: GPL-3.0-or-later
"""A process that submits two jobs and scans the jobs folder in the meantime, as Blender does.

follow_process.py JOBS_DIR PYTHON NUMBER NUMBER prints [[number, digest], ...].
"""

import json
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from blender_text3d.client import recovery
from blender_text3d.client.session import Session
from blender_text3d.protocol.events import TERMINAL
from scripts.fault_injection.follow_jobs import HANG_S
from scripts.fault_injection.harness import digest, make_request


def main(jobs_dir: str, python: str, *numbers: str) -> None:
    """Submit and follow jobs, and mark interrupted jobs of other processes."""
    session = Session(Path(jobs_dir), Path(python))
    jobs = session.submit([make_request(number=int(number)) for number in numbers])
    ends, give_up = {}, time.monotonic() + HANG_S
    while len(ends) < len(jobs) and time.monotonic() < give_up:
        ends |= {job: event for job, event in session.poll() if isinstance(event, TERMINAL)}
        recovery.interrupted(Path(jobs_dir))
        recovery.finished_but_not_imported(Path(jobs_dir))
        time.sleep(0.05)
    session.close()
    print(json.dumps([[int(number), digest(job)] for number, job in zip(numbers, jobs, strict=True)]))


if __name__ == "__main__":
    main(*sys.argv[1:])
