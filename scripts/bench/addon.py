# SPDX-License-Identifier: GPL-3.0-or-later
"""What scripts/bench runs in a Python with bpy: what the add-on costs Blender's main thread, as one line of JSON."""

import compileall
import json
import sys
import time
from pathlib import Path
from statistics import median

import bpy

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import blender_text3d  # noqa: E402

PROMPT, SEED = "a red chair with black legs", 7
GOAL_REGISTER_MS = 50.0
PACKAGE = ROOT / "blender_text3d"


def main(repeats: int) -> None:
    """Registration, then one job followed by the add-on's own tick.

    Blender keeps compiled modules from the first start on; a bpy module need not, so they are made here.
    """
    compileall.compile_dir(PACKAGE, quiet=2)
    first, *later = [registration_ms() for _ in range(1 + repeats)]
    rows = [
        row(
            "register, first time",
            first[0],
            f"{first[0] / GOAL_REGISTER_MS:.2f} x the goal of {GOAL_REGISTER_MS:.0f} ms",
        ),
        row("register, first time, processor", first[1], "what it takes on a machine that does nothing else"),
        row("register, later", median(wall_ms for wall_ms, _ in later), ""),
    ]
    print(json.dumps([*rows, *ticks()]))


def registration_ms() -> tuple[float, float]:
    """Register and take back; milliseconds of the former, on the clock and of the processor."""
    wall, processor = time.perf_counter(), time.process_time()
    blender_text3d.register()
    taken_ms = (time.perf_counter() - wall) * 1000, (time.process_time() - processor) * 1000
    blender_text3d.unregister()
    return taken_ms


def ticks() -> list[dict]:
    """Make one object as a window does, previews included, and read what the pump measured."""
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
    baked_ms = baking_ms()
    times_ms, imports_ms = sorted(poll_timer.tick_times_ms), list(poll_timer.import_times_ms)
    blender_text3d.unregister()
    return [
        row("tick while a job runs, median", median(times_ms), f"{len(times_ms)} ticks"),
        row("tick while a job runs, 99 of 100", times_ms[int(0.99 * (len(times_ms) - 1))], ""),
        row("tick while a job runs, longest", times_ms[-1], ""),
        *[row("bringing the finished object in", taken_ms, "") for taken_ms in imports_ms],
        row("baking its colours to 1024 pixels", *baked_ms),
    ]


def baking_ms() -> tuple[float, str]:
    """Make UVs and a texture of the object's colours, as the button does; milliseconds, and how many faces it has."""
    from blender_text3d.scene.bake import bake_texture

    (made,) = bpy.context.scene.objects
    began = time.perf_counter()
    bake_texture(made, 1024)
    return (time.perf_counter() - began) * 1000, f"{len(made.data.polygons)} faces"


def row(what: str, value_ms: float, note: str) -> dict:
    """One line of the table."""
    return {"what": what, "value": round(value_ms, 2), "unit": "ms", "note": note}


if __name__ == "__main__":
    main(int(sys.argv[1]))
