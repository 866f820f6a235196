# SPDX-License-Identifier: GPL-3.0-or-later
"""A Blender with the add-on from a zip, that is reloaded or upgraded while a job runs: extension_process.py, with JSON.

{"act": "reload" or "upgrade", "zip", "newer", "model", "seed", "stage", "after_s"} come as one word. It prints, as
JSON, which job was asked for, what stands in the scene at last, and what was told on the way. A job that nobody began
is resumed, one that failed is tried again with the button, and one that was made meanwhile is imported, as a user does.
"""

import importlib
import json
import os
import sys
import time
from types import ModuleType

import bpy

MODULE = "bl_ext.user_default.blender_text3d"


def part(name: str) -> ModuleType:
    """A module of the add-on that is there now."""
    return importlib.import_module(f"{MODULE}.{name}")


def install(path: str) -> None:
    """Over what is installed already."""
    bpy.ops.extensions.package_install_files(filepath=path, repo="user_default", enable_on_install=True)


def ask(model: str, seed: int):
    """Begin one object."""
    settings, usual = bpy.context.scene.text3d, part("protocol.request").make_requests("anything", model=model)[0]
    settings.prompt, settings.model, settings.outputs, settings.device = "a red chair", model, "both", "cpu"
    settings.seed, settings.has_random_seed = seed, False
    settings.has_own_sampling, settings.steps, settings.grid, settings.guidance = True, 8, 32, usual.guidance
    return part("addon.jobs.submit").generate(bpy.context.scene)[0]


def tick_until(holds) -> None:
    """As the timer of a window does."""
    while not holds():
        part("addon.jobs.poll_timer").on_timer()
        time.sleep(0.01)


def bring_home() -> str:
    """What a user does next; gives what was told."""
    part("addon.handlers").scan_jobs()
    tick_until(lambda: not part("addon.jobs.poll_timer").has_work())
    state = part("addon.state.session_state").state
    told = str(state.problem or "")
    if state.ready:
        bpy.ops.text3d.import_job()
    if state.unclaimed:
        bpy.ops.text3d.resume_jobs()
    if told:
        bpy.ops.text3d.try_again()
    return told


def main(act: str, zip: str, newer: str, model: str, seed: int, stage: str, after_s: float) -> None:
    """Ask, wait for the moment, act, and bring the object home."""
    install(zip)
    bpy.ops.wm.read_homefile(app_template="", use_empty=True)
    job = ask(model, seed)
    tick_until(lambda: job.stage == stage or job.end)
    time.sleep(after_s)
    if act == "upgrade":
        install(newer)
    else:
        bpy.utils.load_scripts(reload_scripts=True)  # what bpy.ops.script.reload calls, where there are timers
    told = bring_home()
    standing = [item["text3d_job_id"] for item in bpy.context.scene.objects if "text3d_job_id" in item]
    print("\n" + json.dumps({"asked": job.folder.job_id, "standing": standing, "told": told}), flush=True)
    session = part("addon.state.session_state").state.session
    if session:
        session.worker.kill()


if __name__ == "__main__":
    main(**json.loads(sys.argv[-1]))
    os._exit(0)  # the bpy module of 4.5 may hang when Python ends it
