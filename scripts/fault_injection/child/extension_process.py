# SPDX-License-Identifier: GPL-3.0-or-later
"""A Blender whose add-on, installed from a zip, is reloaded or upgraded while a job runs: extension_process.py JSON.

The argument is {"action": "reload" or "upgrade", "zip", "newer", "model", "seed", "stage", "after_s"}. It prints the
submitted job, the jobs in the scene and the last message as JSON. Like a user, it resumes a job that was not started,
retries one that failed, and imports one that has finished in the meantime.
"""

import importlib
import json
import os
import sys
import time
from types import ModuleType

import bpy

MODULE = "bl_ext.user_default.blender_text3d"


def addon_module(name: str) -> ModuleType:
    """Return a module of the add-on that is currently installed."""
    return importlib.import_module(f"{MODULE}.{name}")


def install(path: str) -> None:
    """Install a zip over the current version."""
    bpy.ops.extensions.package_install_files(filepath=path, repo="user_default", enable_on_install=True)


def generate(model: str, seed: int):
    """Generate one object."""
    settings, defaults = (
        bpy.context.scene.text3d,
        addon_module("protocol.request").make_requests("anything", model=model)[0],
    )
    settings.prompt, settings.model, settings.outputs, settings.device = "a red chair", model, "both", "cpu"
    settings.seed, settings.has_random_seed = seed, False
    settings.has_own_sampling, settings.steps, settings.grid, settings.guidance = True, 8, 32, defaults.guidance
    return addon_module("addon.jobs.submit").generate(bpy.context.scene)[0]


def tick_until(holds) -> None:
    """Run the timer, as a window does, until a condition holds."""
    while not holds():
        addon_module("addon.jobs.poll_timer").on_timer()
        time.sleep(0.01)


def import_all() -> str:
    """Import, resume or retry the job as a user does, and return the last message."""
    addon_module("addon.handlers").scan_jobs()
    tick_until(lambda: not addon_module("addon.jobs.poll_timer").has_work())
    state = addon_module("addon.state.session_state").state
    message = str(state.problem or "")
    if state.ready:
        bpy.ops.text3d.import_job()
    if state.unclaimed:
        bpy.ops.text3d.resume_jobs()
    if message:
        bpy.ops.text3d.try_again()
    return message


def main(action: str, zip: str, newer: str, model: str, seed: int, stage: str, after_s: float) -> None:
    """Generate, wait for the moment, run the action, and import the object."""
    install(zip)
    bpy.ops.wm.read_homefile(app_template="", use_empty=True)
    job = generate(model, seed)
    tick_until(lambda: job.stage == stage or job.end)
    time.sleep(after_s)
    if action == "upgrade":
        install(newer)
    else:
        bpy.utils.load_scripts(reload_scripts=True)  # bpy.ops.script.reload calls this if there are timers
    message = import_all()
    imported = [item["text3d_job_id"] for item in bpy.context.scene.objects if "text3d_job_id" in item]
    print("\n" + json.dumps({"submitted": job.folder.job_id, "imported": imported, "message": message}), flush=True)
    session = addon_module("addon.state.session_state").state.session
    if session:
        session.worker.kill()


if __name__ == "__main__":
    main(**json.loads(sys.argv[-1]))
    os._exit(0)  # skip the exit handlers of the bpy module
