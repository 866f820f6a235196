# SPDX-License-Identifier: GPL-3.0-or-later
"""Measure one Blender for generate_to_object.py, which runs this with bpy; print one line of JSON.

The checkout to measure is the argument. It may be an older one, so only names that all of them have are used.
"""

import importlib
import json
import os
import sys
import time
from pathlib import Path
from statistics import median
from typing import Any

import bpy

sys.path.insert(0, sys.argv[1])

import blender_text3d

TYPING_S = 3.0
"""From the first look at the sidebar to Generate."""
PROMPTS = ("a blue car", "a green tree", "a white teapot", "a red chair with black legs", "a yellow lamp")
DRAFTS = 9
KINDS = ("s", "processor s")
Times = tuple[float, float]
"""Seconds, and seconds of processor time of Blender and its worker, which other programs disturb least."""


def main() -> None:
    """Measure the first object, later ones, and nine drafts."""
    bpy.ops.wm.read_homefile(app_template="", use_empty=True)
    blender_text3d.register()
    draw_sidebar()
    time.sleep(TYPING_S)
    times = {"first": generate("a red chair with black legs", 1, 1)}
    warm = [generate(prompt, 1, seed) for seed, prompt in enumerate(PROMPTS, 2)]
    bpy.context.scene.text3d.quality = "draft"
    drafts = generate("a red mushroom", DRAFTS, 20)
    times |= {"warm": tuple(median(column) for column in zip(*warm, strict=True)), "drafts": drafts}
    blender_text3d.unregister()
    seconds = {f"{name}, {kind}": row[place] for place, kind in enumerate(KINDS) for name, row in times.items()}
    print("\n" + json.dumps(seconds))


def draw_sidebar() -> None:
    """Do what the first look at the sidebar does, in checkouts that start the worker then."""
    early_start = module("jobs.early_start")
    if early_start:
        early_start.start_worker()


def module(*names: str) -> Any:
    """Return the first of these modules of the add-on that the checkout has, or None."""
    for name in names:
        try:
            return importlib.import_module(f"blender_text3d.addon.{name}")
        except ModuleNotFoundError as error:
            if not str(error.name).startswith("blender_text3d"):
                raise
    return None


def generate(prompt: str, count: int, seed: int) -> Times:
    """Return the time from Generate to the last object in the scene."""
    submit, poll_timer = module("jobs.submit", "submit"), module("jobs.poll_timer", "pump")
    settings, before = bpy.context.scene.text3d, len(results())
    settings.prompt, settings.seed, settings.has_random_seed, settings.count = prompt, seed, False, count
    settings.device = "cpu"
    start_s, start_cpu_s = time.perf_counter(), processor_s()
    submit.generate(bpy.context.scene)
    while len(results()) < before + count:
        pause_s = poll_timer.on_timer()
        time.sleep(0.1 if pause_s is None else pause_s)  # 0: at the next turn of Blender's main loop
    taken = time.perf_counter() - start_s, processor_s() - start_cpu_s
    while (pause_s := poll_timer.on_timer()) is not None:  # files are written before the next measurement
        time.sleep(pause_s)
    return taken


def processor_s() -> float:
    """Return the processor time of this process and its children so far; on Linux, else of this process alone."""
    ticks = 0
    for children in Path("/proc/self/task").glob("*/children"):
        for pid in children.read_text().split():
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
    return time.process_time() + ticks / (os.sysconf("SC_CLK_TCK") if ticks else 1)


def results() -> list[bpy.types.Object]:
    """Return the objects in the scene without previews."""
    return [target for target in bpy.context.scene.objects if "text3d_recipe" in target]


if __name__ == "__main__":
    main()
