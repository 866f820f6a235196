# SPDX-License-Identifier: GPL-3.0-or-later
"""Blender is killed while a job runs: the worker finishes the job, and the next Blender offers it once."""

import json
import os
import signal
import subprocess
import time
from functools import partial
from pathlib import Path

from blender_text3d.client import recovery
from blender_text3d.protocol.events import TERMINAL, Finished
from blender_text3d.protocol.job_folder import JobFolder

from ..child.clock_patch import CLOCK
from ..fault import CHILDREN, Fault, Round, require
from ..follow_jobs import HANG_S
from ..harness import digest, make_request
from ..random_moments import STAGES, STARTUP

PROGRAM = CHILDREN / "blender_process.py"
MAX_DELAY_S = 0.08
MODELS_WITH = {"mesh": tuple(STAGES), "sample": ("mini/shap-e",)} | dict.fromkeys(
    ("points", "upsample"), ("mini/point-e",)
)


def blender(round_: Round, *arguments: str, side: Path = PROGRAM, **variables: str) -> subprocess.Popen:
    """Start a Blender whose jobs are in the round's folder, with these environment variables."""
    own = {"TEXT3D_WORKER_PYTHON": str(round_.harness.python), "BLENDER_TEXT3D_HOME": str(round_.folder / "home")}
    own["BLENDER_USER_RESOURCES"] = str(round_.folder / "blender")
    return subprocess.Popen(
        [str(round_.bpy), str(side), *arguments], env=os.environ | own | variables, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def kill_blender(round_: Round, stage: str, clock: str = "", clock_of_next: str = "") -> None:
    """Run one round: kill Blender at a random moment after it printed a stage; for the clocks see clock_patch.py."""
    model = round_.rng.choice(MODELS_WITH.get(stage, tuple(STAGES)))
    number = round_.rng.choice((0, 4))
    expected = round_.harness.expected(make_request(model, number))
    process = blender(round_, "make", model, str(5 + number), **{CLOCK: clock})
    job = JobFolder(round_.folder / "home" / "jobs" / read_value(process, "job"))
    while stage != STARTUP and read_value(process, "stage") != stage:
        pass
    time.sleep(round_.rng.uniform(0, MAX_DELAY_S))
    process.send_signal(signal.SIGKILL)
    _, errors = process.communicate()
    require("Traceback" not in errors, errors)
    wait_for_end(job)
    was_imported = job.is_imported()
    next_one, third = next_blender_report(round_, clock_of_next), next_blender_report(round_)
    if was_imported:
        require(job.job_id not in next_one["offered"], "an object that was imported is offered again")
    else:
        require(next_one["offered"] == [job.job_id], f"the next Blender was offered {next_one}")
        require(set(next_one["imported"]) == {job.job_id}, f"it imported {next_one['imported']}")
    require(not third["offered"] and not third["leftovers"], f"a third Blender was offered {third}")
    require(isinstance(job.last_event(), Finished) and digest(job) == expected, "the object differs")


def read_value(process: subprocess.Popen, key: str) -> str:
    """Return the value in the next line that starts with a key."""
    for line in process.stdout:
        if line.startswith(key + " "):
            return line.split()[1]
    _, errors = process.communicate()
    raise RuntimeError(f"Blender ended with {process.returncode}: {errors[-2000:]}")


def wait_for_end(job: JobFolder) -> None:
    """Wait until the worker, which outlives Blender, has written the last event."""
    give_up = time.monotonic() + HANG_S
    while not isinstance(job.last_event(), TERMINAL) and recovery.state(job) == "running" or not job.claimed_by():
        require(time.monotonic() < give_up, f"the job hangs: {recovery.state(job)}")
        time.sleep(0.05)


def next_blender_report(round_: Round, clock: str = "") -> dict:
    """Return the report of another Blender: the jobs it was offered, and those it imported."""
    return report_of(blender(round_, "offers", **{CLOCK: clock}))


def report_of(process: subprocess.Popen, line: str = "") -> dict:
    """Send a line to a Blender and return its final report."""
    out, errors = process.communicate(line, timeout=HANG_S)
    require("Traceback" not in errors, errors)
    found = [line for line in out.splitlines() if line.startswith("{")]
    require(found, f"a Blender ended with {process.returncode}: {errors[-2000:]}")
    return json.loads(found[-1])


FAULTS = [
    Fault(f"Blender: SIGKILL, stage {stage}", partial(kill_blender, stage=stage), is_slow=True, needs="bpy")
    for stage in (STARTUP, "load", "sample", "points", "upsample", "mesh", "finished", "imported")
]
