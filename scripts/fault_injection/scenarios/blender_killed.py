# SPDX-License-Identifier: GPL-3.0-or-later
"""Blender is killed while a job runs: the worker finishes it, and the next Blender offers it, once."""

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
from ..random_moments import STAGES, WAKE

SIDE = CHILDREN / "blender_process.py"
MAX_DELAY_S = 0.08
MODELS_WITH = {"mesh": tuple(STAGES), "export": tuple(STAGES), "sample": ("mini/shap-e",)} | dict.fromkeys(
    ("points", "upsample"), ("mini/point-e",)
)


def blender(round_: Round, *words: str, side: Path = SIDE, **variables: str) -> subprocess.Popen:
    """A Blender whose jobs lie in the round's folder, with variables of its environment."""
    own = {"TEXT3D_WORKER_PYTHON": str(round_.bench.python), "BLENDER_TEXT3D_HOME": str(round_.folder / "home")}
    own["BLENDER_USER_RESOURCES"] = str(round_.folder / "blender")
    return subprocess.Popen(
        [str(round_.bpy), str(side), *words], env=os.environ | own | variables, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def kill_blender(round_: Round, stage: str, clock: str = "", clock_of_next: str = "") -> None:
    """One round: it is killed at a random moment after it told of the stage; clocks are as in blender_clock.py."""
    model = round_.chance.choice(MODELS_WITH.get(stage, tuple(STAGES)))
    number = round_.chance.choice((0, 4))
    expected = round_.bench.expected(make_request(model, number))
    process = blender(round_, "make", model, str(5 + number), **{CLOCK: clock})
    job = JobFolder(round_.folder / "home" / "jobs" / line_with(process, "job"))
    while stage != WAKE and line_with(process, "stage") != stage:
        pass
    time.sleep(round_.chance.uniform(0, MAX_DELAY_S))
    process.send_signal(signal.SIGKILL)
    _, errors = process.communicate()
    require("Traceback" not in errors, errors)
    wait_for_end(job)
    was_imported = job.is_imported()
    next_one, third = said_by_next(round_, clock_of_next), said_by_next(round_)
    if was_imported:
        require(job.job_id not in next_one["offered"], "an object that was imported is offered again")
    else:
        require(next_one["offered"] == [job.job_id], f"the next Blender was offered {next_one}")
        require(set(next_one["standing"]) == {job.job_id}, f"it imported {next_one['standing']}")
    require(not third["offered"] and not third["leftovers"], f"a third Blender was offered {third}")
    require(isinstance(job.last_event(), Finished) and digest(job) == expected, "another object came out")


def line_with(process: subprocess.Popen, word: str) -> str:
    """The rest of the next line that begins with a word."""
    for line in process.stdout:
        if line.startswith(word + " "):
            return line.split()[1]
    _, errors = process.communicate()
    raise RuntimeError(f"Blender ended with {process.returncode}: {errors[-2000:]}")


def wait_for_end(job: JobFolder) -> None:
    """Until the worker, that outlives Blender, has told the end."""
    give_up = time.monotonic() + HANG_S
    while not isinstance(job.last_event(), TERMINAL) and recovery.state(job) == "running" or not job.claimed_by():
        require(time.monotonic() < give_up, f"the job hangs: {recovery.state(job)}")
        time.sleep(0.05)


def said_by_next(round_: Round, clock: str = "") -> dict:
    """What another Blender is offered, and what it made of it."""
    return said_by(blender(round_, "offers", **{CLOCK: clock}))


def said_by(process: subprocess.Popen, line: str = "") -> dict:
    """What a Blender says in the end, once it has read a line."""
    out, errors = process.communicate(line, timeout=HANG_S)
    require("Traceback" not in errors, errors)
    found = [line for line in out.splitlines() if line.startswith("{")]
    require(found, f"a Blender ended with {process.returncode}: {errors[-2000:]}")
    return json.loads(found[-1])


FAULTS = [
    Fault(f"Blender: SIGKILL, stage {stage}", partial(kill_blender, stage=stage), is_dear=True, needs="bpy")
    for stage in (WAKE, "load", "sample", "points", "upsample", "mesh", "export", "finished", "imported")
]
