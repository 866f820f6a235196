# SPDX-License-Identifier: GPL-3.0-or-later
"""A Blender with the add-on: `PYTHON blender_process.py make MODEL SEED`, `... offers` and so on, with the bpy module.

make: generates an object and follows the job, as the timer of a window does, until the object is imported. It prints
each stage, "finished" when the job has ended and, after a short pause, "imported" when the object is in the scene.
offers: prints the jobs that are offered, imports all of them, and prints the jobs in the scene, as JSON.
share: the same, but it waits for a line on stdin between "ready" and the import.
watch: scans for jobs and imports them repeatedly, until it reads a line.
"""

import json
import os
import select
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

import bpy

import blender_text3d
from scripts.fault_injection.child.clock_patch import set_clock

HOLD_S = 0.3


def choose(model: str, seed: int) -> None:
    """Set the panel to a small object."""
    from blender_text3d.protocol.request import make_requests

    settings = bpy.context.scene.text3d
    settings.prompt, settings.model, settings.outputs, settings.device = "a red chair", model, "both", "cpu"
    settings.seed, settings.has_random_seed = seed, False
    settings.has_own_sampling, settings.steps, settings.grid = True, 8, 32
    settings.guidance = make_requests("anything", model=model)[0].guidance  # the default of the model


def make(model: str, seed: str) -> None:
    """Generate one object and print its stages."""
    from blender_text3d.addon.jobs import poll_timer, submit
    from blender_text3d.addon.state.session_state import state

    choose(model, int(seed))
    (job,) = submit.generate(bpy.context.scene)
    print(f"job {job.folder.job_id}", flush=True)
    reported = ""
    while not job.end:
        poll_timer.tick()
        if job.stage != reported:
            reported = job.stage
            print(f"stage {reported}", flush=True)
        time.sleep(0.01)
    print("stage finished", flush=True)
    time.sleep(HOLD_S)
    while state.jobs:
        poll_timer.on_timer()
    print("stage imported", flush=True)
    time.sleep(HOLD_S)
    print(json.dumps({"imported": imported_jobs()}), flush=True)


def imported_jobs() -> list[str]:
    """Return the job ID of each imported object in the scene."""
    return [item["text3d_job_id"] for item in bpy.context.scene.objects if "text3d_job_id" in item]


def share() -> None:
    """Import the offered jobs at the same time as another Blender."""
    offers(wait=True)


def watch() -> None:
    """Import all jobs as soon as they are offered, until a line is read."""
    from blender_text3d.addon.state.session_state import state

    print("ready now", flush=True)
    while not select.select([sys.stdin], [], [], 0.01)[0]:
        bpy.ops.text3d.find_jobs()
        if state.ready:
            bpy.ops.text3d.import_job()
    print(json.dumps({"imported": imported_jobs()}))


def offers(wait: bool = False) -> None:
    """Resume and import the jobs of earlier Blenders."""
    from blender_text3d.addon.state.session_state import state

    bpy.ops.text3d.find_jobs()
    offered, leftovers = ([folder.job_id for folder in folders] for folders in (state.ready, state.unclaimed))
    if wait:
        print("ready now", flush=True)
        sys.stdin.readline()
    if leftovers:
        bpy.ops.text3d.resume_jobs()
    if offered:
        bpy.ops.text3d.import_job()
    print(json.dumps({"offered": offered, "leftovers": leftovers, "imported": imported_jobs()}))


def main() -> None:
    """Register the add-on and run a command."""
    set_clock()
    bpy.ops.wm.read_homefile(app_template="", use_empty=True)
    blender_text3d.register()
    {"make": make, "offers": offers, "share": share, "watch": watch}[sys.argv[1]](*sys.argv[2:])
    sys.stdout.flush()


if __name__ == "__main__":
    main()
    os._exit(0)  # skip the exit handlers of the bpy module
