# SPDX-License-Identifier: GPL-3.0-or-later
"""A Blender in which each write fails in turn: failing_blender.py make|cancel IS_PERMANENT JOBS PLANS, with bpy.

For each write it generates an object (and cancels it, if requested). It prints as JSON which write failed, how many
there were, the message, how the job ended, and whether its object was imported.
"""

import json
import os
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

import bpy

import blender_text3d
from scripts.fault_injection.child.blender_process import choose, imported_jobs
from scripts.fault_injection.child.failing_writes import PLAN, DiskFull

TIMEOUT_S = 120


def plan(plans: str, at: int, is_permanent: bool) -> Path:
    """Let one write fail, or all from that one on; returns the file that will contain the number of writes."""
    path, serial = Path(plans, PLAN), time.monotonic_ns()
    path.write_text(json.dumps({"serial": serial, "at": at, "is_permanent": is_permanent}), encoding="utf-8")
    return path.with_name(f"{serial}.count")


def attempt(action: str) -> dict:
    """Generate once and return the outcome."""
    from blender_text3d.addon.jobs import poll_timer, submit
    from blender_text3d.addon.state.problem import SubmitError
    from blender_text3d.addon.state.session_state import state

    try:
        (job,) = submit.generate(bpy.context.scene)
    except SubmitError as error:
        return {"job": "", "message": str(error.problem), "end": "refused"}
    give_up = time.monotonic() + TIMEOUT_S
    while state.jobs and time.monotonic() < give_up:
        poll_timer.on_timer()
        if action == "cancel" and job.stage == "sample" and bpy.ops.text3d.cancel.poll():
            bpy.ops.text3d.cancel()
        time.sleep(0.005)
    return {
        "job": job.folder.job_id,
        "message": str(state.problem or ""),
        "end": job.end if not state.jobs else "hangs",
    }


def main(action: str, is_permanent: str, jobs: str, plans: str) -> None:
    """Let each write fail in turn."""
    bpy.ops.wm.read_homefile(app_template="", use_empty=True)
    blender_text3d.register()
    choose("mini/shap-e", 5)
    plan(plans, 0, False)
    attempt("make")  # the worker loads its model
    at, count = 0, 0
    while at <= count:  # in the last round no write fails
        at += 1
        counted = plan(plans, at, bool(int(is_permanent)))
        outcome = attempt(action)
        plan(plans, 0, False)
        count = int(counted.read_text(encoding="utf-8"))
        is_imported = outcome["job"] in imported_jobs()
        print(json.dumps({"at": at, "count": count, "is_imported": is_imported} | outcome), flush=True)


if __name__ == "__main__":
    Path(sys.argv[4]).mkdir(parents=True)
    plan(sys.argv[4], 0, False)
    DiskFull(sys.argv[3], sys.argv[4]).install()
    main(*sys.argv[1:])
    os._exit(0)  # skip the exit handlers of the bpy module
