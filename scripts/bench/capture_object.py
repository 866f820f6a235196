# SPDX-License-Identifier: GPL-3.0-or-later
"""Time the steps in which Blender reads a large object for Encode and Vary My Object.

Run in Blender's Python as `python -m scripts.bench.capture_object --quads 1000`. A step's time is that of its thread,
so other programs do not count.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Generator
from pathlib import Path
from typing import Any

import bpy

from blender_text3d.geometry.compact_mesh import save_in_steps
from blender_text3d.scene.object_capture import capture


def timed(steps: Generator[Any, None, Any]) -> tuple[list[float], Any]:
    """Take all steps; return their milliseconds and the result."""
    took = []
    while True:
        start = time.thread_time()
        try:
            next(steps)
        except StopIteration as end:
            return [*took, (time.thread_time() - start) * 1000], end.value
        took.append((time.thread_time() - start) * 1000)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quads", type=int, default=1000, help="quads along each side of a grid")
    side = parser.parse_args().quads
    bpy.ops.wm.read_factory_settings(use_empty=True)
    bpy.ops.mesh.primitive_grid_add(x_subdivisions=side, y_subdivisions=side)
    bpy.context.view_layer.update()
    reading, captured = timed(capture([bpy.context.object.session_uid]))
    with tempfile.TemporaryDirectory() as folder:
        writing, _ = timed(save_in_steps(Path(folder) / "grid.npz", captured.mesh))
    figures = {"triangles": len(captured.mesh.faces), "steps": len(reading) + len(writing)}
    figures |= {"longest_step_ms": round(max(reading + writing), 1), "all_steps_ms": round(sum(reading + writing))}
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
