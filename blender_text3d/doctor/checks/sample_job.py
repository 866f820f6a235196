# SPDX-License-Identifier: GPL-3.0-or-later
"""The worker's own test: one small object, made as every other is, in a folder that is removed afterwards."""

import json
import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from ...protocol.create_job import create_job
from ...protocol.errors import BadRequest, InvalidJob
from ...protocol.events import Failed, Finished, Started
from ...protocol.failures import Reason
from ...protocol.job_folder import JobFolder
from ...protocol.request import make_requests
from ...system.child import PACKAGE
from ...system.run_module import python_options
from ..context import Context
from ..finding import BAD, GOOD, Finding
from ..fixes import fix_for

DONE_WITHIN_S = 300.0
BUTTONS = {Reason.DISK_FULL: "jobs", Reason.OUT_OF_MEMORY: "free", Reason.READ_ONLY: "preferences"}
"""For failures that no repair would mend, by reason."""


def sample_job(case: Context, within_s: float = DONE_WITHIN_S) -> Iterator[Finding]:
    """Make an object in 2 steps on a grid of 16, if that was asked for and there is a Python to do it."""
    if not case.is_full or not os.path.isfile(case.python):
        return
    what, wanted = "Worker's self-test", "a small object"
    fix, button = fix_for(case, "repair")
    began = time.monotonic()
    try:
        events, said = run_sample_job(case.python, within_s)
    except (OSError, InvalidJob, BadRequest) as error:
        yield Finding("self_test", what, BAD, f"it could not begin ({error})", wanted, fix, button)
        return
    end, start = (events or [None])[-1], next((event for event in events if isinstance(event, Started)), None)
    took = f"{time.monotonic() - began:.1f} s"
    if isinstance(end, Finished) and end.faces:
        where = f" on {start.device_name}" if start else ""
        yield Finding("self_test", what, GOOD, f"{end.faces} faces in {took}{where}", wanted)
    elif isinstance(end, Failed):
        ways = (end.fix, BUTTONS[end.reason]) if end.reason in BUTTONS else (fix, button)
        yield Finding("self_test", what, BAD, end.message.rstrip("."), wanted, *ways)
    else:
        yield Finding("self_test", what, BAD, f"no object after {took}; the worker said: {said}", wanted, fix, button)


def run_sample_job(python: Path, within_s: float) -> tuple[list, str]:
    """Runs one job; gives its events, and the last line of what the worker printed."""
    with tempfile.TemporaryDirectory(prefix="text3d-doctor-") as folder:
        (request,) = make_requests("a red chair", seed=1, steps=2, grid=16, quality="draft")
        job = create_job(Path(folder), request)
        said = run_worker(python, job, within_s)
        return job.events(), (said.strip().splitlines() or ["nothing"])[-1][:200]


def run_worker(python: Path, job: JobFolder, within_s: float) -> str:
    """The worker's output, when it has done the job or its time is up."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "__PYVENV"))}
    with subprocess.Popen(
        [str(python), "-B", "-u", *python_options(PACKAGE, "worker")], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, errors="replace", cwd=PACKAGE.parent, env=kept | {"PYTHONUTF8": "1"},
    ) as worker:  # fmt: skip
        try:
            return worker.communicate(json.dumps({"do": [str(job.path)]}) + "\n", timeout=within_s)[0]
        except subprocess.TimeoutExpired:
            worker.kill()
            return worker.communicate()[0] + f"\nit was ended after {within_s:.0f} s"
