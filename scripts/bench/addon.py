# SPDX-License-Identifier: GPL-3.0-or-later
"""Measure the add-on's cost on Blender's main thread; print one line of JSON. scripts/bench runs it with bpy."""

import compileall
import json
import sys
import time
from pathlib import Path
from statistics import median

import bpy

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import blender_text3d

PROMPT, SEED = "a red chair with black legs", 7
GOAL_REGISTER_MS = 50.0
PACKAGE = Path(__file__).resolve().parents[2] / "blender_text3d"


def main(repeats: int) -> None:
    """Measure registration, then one job followed by the add-on's timer.

    Blender keeps compiled modules from the first start on; the bpy module may not, so they are compiled here.
    """
    compileall.compile_dir(PACKAGE, quiet=2)
    first, *later = [registration_time_ms() for _ in range(1 + repeats)]
    rows = [
        row(
            "register, first time",
            first[0],
            f"{first[0] / GOAL_REGISTER_MS:.2f} x the goal of {GOAL_REGISTER_MS:.0f} ms",
        ),
        row("register, first time, processor", first[1], "on an otherwise idle machine"),
        row("register, later", median(wall_ms for wall_ms, _ in later), ""),
    ]
    print(json.dumps([*rows, *tick_times()]))


def registration_time_ms() -> tuple[float, float]:
    """Register and unregister; return the milliseconds of the former in wall time and CPU time."""
    wall, processor = time.perf_counter(), time.process_time()
    blender_text3d.register()
    taken_ms = (time.perf_counter() - wall) * 1000, (time.process_time() - processor) * 1000
    blender_text3d.unregister()
    return taken_ms


def tick_times() -> list[dict]:
    """Generate one object as in the interface, including previews; return the timer's measurements."""
    from blender_text3d.addon.jobs import poll_timer, submit
    from blender_text3d.addon.state.session_state import state

    bpy.ops.wm.read_homefile(app_template="", use_empty=True)
    blender_text3d.register()
    settings = bpy.context.scene.text3d
    settings.prompt, settings.seed, settings.has_random_seed = PROMPT, SEED, False
    submit.generate(bpy.context.scene)
    while state.jobs:
        poll_timer.on_timer()
        time.sleep(poll_timer.INTERVAL_S)
    baked_ms = bake_time_ms()
    times_ms, imports_ms = sorted(poll_timer.tick_times_ms), list(poll_timer.import_times_ms)
    blender_text3d.unregister()
    return [
        row("tick while a job runs, median", median(times_ms), f"{len(times_ms)} ticks"),
        row("tick while a job runs, 99 of 100", times_ms[int(0.99 * (len(times_ms) - 1))], ""),
        row("tick while a job runs, longest", times_ms[-1], ""),
        *[row("importing the finished object", taken_ms, "") for taken_ms in imports_ms],
        row("baking its colors to 1024 pixels", *baked_ms),
    ]


def bake_time_ms() -> tuple[float, str]:
    """Bake the object's colors as the button does; return the milliseconds and the number of faces."""
    from blender_text3d.scene.bake import bake_texture

    (target,) = bpy.context.scene.objects
    start_s = time.perf_counter()
    bake_texture(target, 1024)
    return (time.perf_counter() - start_s) * 1000, f"{len(target.data.polygons)} faces"


def row(what: str, value_ms: float, note: str) -> dict:
    """Return one row of the table."""
    return {"what": what, "value": round(value_ms, 2), "unit": "ms", "note": note}


if __name__ == "__main__":
    main(int(sys.argv[1]))
