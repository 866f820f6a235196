# SPDX-License-Identifier: GPL-3.0-or-later
"""Time the steps in which Blender reads a large object for Encode and Vary My Object.

Run in Blender's Python as `python -m scripts.bench.capture_object --quads 1000`. A step's time is that of its thread,
so other programs do not count. With `--render 256` the grid has a procedural material, and a background Blender renders
its views of that size; that is timed by the clock, with the CPU time of the other process.
"""

import argparse
import json
import resource
import tempfile
import time
from collections.abc import Generator
from pathlib import Path
from typing import Any

import bpy

from blender_text3d.addon.background.background_blender import BackgroundBlender
from blender_text3d.addon.jobs.render_views import PROGRAM, followed
from blender_text3d.geometry.compact_mesh import save_in_steps
from blender_text3d.geometry.object_cameras import VIEW_COUNT
from blender_text3d.scene.object_capture import Captured, capture
from blender_text3d.scene.render_files import write_for_rendering


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


def make_procedural(target: Any) -> None:
    """Give an object a material whose color is noise."""
    material = bpy.data.materials.new("Noise")
    if material.node_tree is None:
        material.use_nodes = True
    noise = material.node_tree.nodes.new("ShaderNodeTexNoise")
    material.node_tree.links.new(noise.outputs[1], material.node_tree.nodes["Principled BSDF"].inputs["Base Color"])
    target.data.materials.append(material)


def rendered(folder: Path, captured: Captured, uid: int, side: int) -> dict[str, float]:
    """Render the views of a captured object in a folder with its mesh; return figures."""
    box = captured.low + captured.origin, captured.high + captured.origin
    steps = write_for_rendering(folder, "grid.npz", [uid], box, VIEW_COUNT, side, captured.simplified)
    writing, _ = timed(steps)
    blender, start = BackgroundBlender(PROGRAM, folder, folder / "output.txt"), time.perf_counter()
    blender.start()
    for _ in followed(blender):
        pass
    if blender.exit_code() != 0:
        raise SystemExit(f"rendering failed: {blender.last('error')}")
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return {
        "longest_write_step_ms": round(max(writing), 1),
        "render_s": round(time.perf_counter() - start, 1),
        "render_cpu_s": round(used.ru_utime + used.ru_stime, 1),
        "render_peak_mb": round(used.ru_maxrss / 1024),
        "file_mb": round((folder / "grid.npz").stat().st_size / 2**20, 1),
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quads", type=int, default=1000, help="quads along each side of a grid")
    parser.add_argument("--render", type=int, default=0, help="side of the views in pixels; 0 for none")
    arguments = parser.parse_args()
    side = arguments.quads
    bpy.ops.wm.read_factory_settings(use_empty=True)
    bpy.ops.mesh.primitive_grid_add(x_subdivisions=side, y_subdivisions=side)
    target = bpy.context.object
    if arguments.render:
        make_procedural(target)
    bpy.context.view_layer.update()
    reading, captured = timed(capture([target.session_uid]))
    with tempfile.TemporaryDirectory() as folder:
        writing, _ = timed(save_in_steps(Path(folder) / "grid.npz", captured.mesh))
        figures = {"triangles": len(captured.mesh.faces), "steps": len(reading) + len(writing)}
        figures |= {"longest_step_ms": round(max(reading + writing), 1), "all_steps_ms": round(sum(reading + writing))}
        if arguments.render:
            figures |= rendered(Path(folder), captured, target.session_uid, arguments.render)
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
