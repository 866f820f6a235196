# SPDX-License-Identifier: GPL-3.0-or-later
"""A Blender, as the faults use it: `PYTHON blender_process.py make MODEL SEED`, `... offers` and so on, with bpy.

make: presses Generate and follows the job, as the timer of a window does, until the object stands; it prints each
stage that it sees, "finished" when the worker is done, holds for a moment, and "imported" when the object stands.
offers: prints what is offered, imports all of it, and prints what then stands in the scene, as JSON.
share: the same, but it waits for a line between "ready" and the import.
watch: presses Look Again and Import again and again, until a line comes.
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
    """Set the panel."""
    from blender_text3d.protocol.request import make_requests

    settings = bpy.context.scene.text3d
    settings.prompt, settings.model, settings.outputs, settings.device = "a red chair", model, "both", "cpu"
    settings.seed, settings.has_random_seed = seed, False
    settings.has_own_sampling, settings.steps, settings.grid = True, 8, 32
    settings.guidance = make_requests("anything", model=model)[0].guidance  # as everybody who does not choose it


def make(model: str, seed: str) -> None:
    """One object, told stage by stage."""
    from blender_text3d.addon.jobs import poll_timer, submit
    from blender_text3d.addon.state.session_state import state

    choose(model, int(seed))
    (job,) = submit.generate(bpy.context.scene)
    print(f"job {job.folder.job_id}", flush=True)
    said = ""
    while not job.end:
        poll_timer.tick()
        if job.stage != said:
            said = job.stage
            print(f"stage {said}", flush=True)
        time.sleep(0.01)
    print("stage finished", flush=True)
    time.sleep(HOLD_S)
    while state.jobs:
        poll_timer.on_timer()
    print("stage imported", flush=True)
    time.sleep(HOLD_S)
    print(json.dumps({"standing": standing()}), flush=True)


def standing() -> list[str]:
    """The jobs whose objects are in the scene, once for each object."""
    return [item["text3d_job_id"] for item in bpy.context.scene.objects if "text3d_job_id" in item.keys()]


def share() -> None:
    """What is offered to two at once."""
    offers(wait=True)


def watch() -> None:
    """As a user without patience."""
    from blender_text3d.addon.state.session_state import state

    print("ready now", flush=True)
    while not select.select([sys.stdin], [], [], 0.01)[0]:
        bpy.ops.text3d.find_jobs()
        if state.ready:
            bpy.ops.text3d.import_job()
    print(json.dumps({"standing": standing()}))


def offers(wait: bool = False) -> None:
    """What earlier Blenders left."""
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
    print(json.dumps({"offered": offered, "leftovers": leftovers, "standing": standing()}))


def main() -> None:
    """Register the add-on, and do it."""
    set_clock()
    bpy.ops.wm.read_homefile(app_template="", use_empty=True)
    blender_text3d.register()
    {"make": make, "offers": offers, "share": share, "watch": watch}[sys.argv[1]](*sys.argv[2:])
    sys.stdout.flush()


if __name__ == "__main__":
    main()
    os._exit(0)  # the bpy module of 4.5 may hang when Python ends it
