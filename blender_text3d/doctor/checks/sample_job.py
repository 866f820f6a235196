# SPDX-License-Identifier: GPL-3.0-or-later
"""Generate a small object with the worker, in a temporary job folder."""

import json
import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from ...protocol.create_job import create_job
from ...protocol.errors import BadRequest, InvalidJob
from ...protocol.events import Event, Failed, Finished, Started
from ...protocol.failures import Reason
from ...protocol.job_folder import JobFolder
from ...protocol.request import make_requests
from ...system.child import PACKAGE
from ...system.run_module import python_options
from ..context import Context
from ..finding import BAD, GOOD, Finding
from ..fixes import fix_for

TIMEOUT_S = 300.0
# Buttons by failure reason, for failures that a repair would not fix.
BUTTONS: dict[str, str] = {Reason.DISK_FULL: "jobs", Reason.OUT_OF_MEMORY: "free", Reason.READ_ONLY: "preferences"}


def sample_job(context: Context, timeout_s: float = TIMEOUT_S) -> Iterator[Finding]:
    """Generate an object in 2 steps at resolution 16, if requested and if the worker's Python exists."""
    if not context.is_full or not os.path.isfile(context.python):
        return
    what, wanted = "Test object", "a small object"
    fix, button = fix_for(context, "repair")
    start_s = time.monotonic()
    try:
        events, last_line = run_sample_job(context.python, timeout_s)
    except (OSError, InvalidJob, BadRequest) as error:
        yield Finding("self_test", what, BAD, f"it could not be started ({error})", wanted, fix, button)
        return
    end = events[-1] if events else None
    start = next((event for event in events if isinstance(event, Started)), None)
    duration = f"{time.monotonic() - start_s:.1f} s"
    if isinstance(end, Finished) and end.faces:
        device = f" on {start.device_name}" if start else ""
        yield Finding("self_test", what, GOOD, f"{end.faces} faces in {duration}{device}", wanted)
    elif isinstance(end, Failed):
        fix_and_button = (end.fix, BUTTONS[end.reason]) if end.reason in BUTTONS else (fix, button)
        yield Finding("self_test", what, BAD, end.message.rstrip("."), wanted, *fix_and_button)
    else:
        yield Finding(
            "self_test", what, BAD, f"no object after {duration}; last output: {last_line}", wanted, fix, button
        )


def run_sample_job(python: Path, timeout_s: float) -> tuple[list[Event], str]:
    """Run one job, and return its events and the worker's last line of output."""
    with tempfile.TemporaryDirectory(prefix="text3d-doctor-") as folder:
        (request,) = make_requests("a red chair", seed=1, steps=2, grid=16, quality="draft")
        job = create_job(Path(folder), request)
        output = run_worker(python, job, timeout_s)
        return job.events(), (output.strip().splitlines() or ["nothing"])[-1][:200]


def run_worker(python: Path, job: JobFolder, timeout_s: float) -> str:
    """Return the worker's output after the job or the time limit."""
    variables = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "__PYVENV"))}
    with subprocess.Popen(
        [str(python), "-B", "-u", *python_options(PACKAGE, "worker")], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, errors="replace", cwd=PACKAGE.parent, env=variables | {"PYTHONUTF8": "1"},
    ) as worker:  # fmt: skip
        try:
            return worker.communicate(json.dumps({"do": [str(job.path)]}) + "\n", timeout=timeout_s)[0]
        except subprocess.TimeoutExpired:
            worker.kill()
            return worker.communicate()[0] + f"\nstopped after {timeout_s:.0f} s"
