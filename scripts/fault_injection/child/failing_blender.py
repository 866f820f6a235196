# SPDX-License-Identifier: GPL-3.0-or-later
"""A Blender whose own writes fail, each in turn: failing_blender.py make|cancel STAYS JOBS PLANS, with the bpy module.

For each write it presses Generate (and Cancel, where asked), follows what comes of it, and prints as JSON which write
it was, how many there were, what was told, how the job ended, and whether its object stands, until all had a turn.
"""

import json
import os
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

import bpy

import blender_text3d
from scripts.fault_injection.child.blender_process import choose, standing
from scripts.fault_injection.child.failing_writes import PLAN, Full

TIMEOUT_S = 120


def plan(plans: str, at: int, stays: bool) -> Path:
    """Let one write fail, or all from that on; gives where the number of writes is told."""
    path, serial = Path(plans, PLAN), time.monotonic_ns()
    path.write_text(json.dumps({"serial": serial, "at": at, "stays": stays}), encoding="utf-8")
    return path.with_name(f"{serial}.count")


def attempt(act: str) -> dict:
    """Ask once; what came of it."""
    from blender_text3d.addon.jobs import poll_timer, submit
    from blender_text3d.addon.state.problem import SubmitError
    from blender_text3d.addon.state.session_state import state

    try:
        (job,) = submit.generate(bpy.context.scene)
    except SubmitError as refused:
        return {"job": "", "told": str(refused.problem), "end": "refused"}
    give_up = time.monotonic() + TIMEOUT_S
    while state.jobs and time.monotonic() < give_up:
        poll_timer.on_timer()
        if act == "cancel" and job.stage == "sample" and bpy.ops.text3d.cancel.poll():
            bpy.ops.text3d.cancel()
        time.sleep(0.005)
    return {"job": job.folder.job_id, "told": str(state.problem or ""), "end": job.end if not state.jobs else "hangs"}


def main(act: str, stays: str, jobs: str, plans: str) -> None:
    """All of them."""
    bpy.ops.wm.read_homefile(app_template="", use_empty=True)
    blender_text3d.register()
    choose("mini/shap-e", 5)
    plan(plans, 0, False)
    attempt("make")  # so that the worker has its model
    at, count = 0, 0
    while at <= count:  # the last one has no write that fails
        at += 1
        counted = plan(plans, at, bool(int(stays)))
        said = attempt(act)
        plan(plans, 0, False)
        count = int(counted.read_text(encoding="utf-8"))
        stands = said["job"] in standing()
        print(json.dumps({"at": at, "count": count, "stands": stands} | said), flush=True)


if __name__ == "__main__":
    Path(sys.argv[4]).mkdir(parents=True)
    plan(sys.argv[4], 0, False)
    Full(sys.argv[3], sys.argv[4]).install()
    main(*sys.argv[1:])
    os._exit(0)  # the bpy module of 4.5 may hang when Python ends it
