# SPDX-License-Identifier: GPL-3.0-or-later
"""Measure the CPU time of thumbnails; print one line of JSON. scripts/bench runs it with the worker's Python."""

import json
import sys
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from blender_text3d.engine.generate import Engine, Recipe
from blender_text3d.geometry import Mesh, PointCloud
from blender_text3d.geometry.png import encode_png
from blender_text3d.geometry.thumbnail import thumbnail
from scripts.bench.engine import Row, alternate, row
from scripts.bench.render import ResultKeeper, timed

GOAL_MS = 60.0
OBJECTS = (("a red chair with black legs", 128), ("a red mushroom", 128), ("a blue armchair", 384))
"""Prompt and grid; the last one has more than a million faces, which are drawn as a sample."""


def main(repeats: int) -> None:
    """Generate the objects, and measure the thumbnail of each mesh and of the last one's points."""
    engine, shapes = Engine(), {}
    for prompt, grid in OBJECTS:
        mesh = generated_mesh(engine, prompt, grid)
        shapes[f"{prompt}, {len(mesh.faces):,} faces"] = mesh
    shapes[f"{len(mesh.vertices):,} points"] = PointCloud(mesh.vertices, mesh.colors)
    runs = alternate({name: lambda shape=shape: times_ms(shape) for name, shape in shapes.items()}, repeats)
    rows = [thumbnail_row(name, [run["thumbnail"] for run in runs[name]]) for name in shapes]
    print(json.dumps(rows))


def generated_mesh(engine: Engine, prompt: str, grid: int) -> Mesh:
    """Generate an object with the small Shap-E."""
    steps = ResultKeeper(engine.generate(Recipe(prompt, "mini/shap-e", 7, steps=12, guidance=1.5, grid=grid)))
    for _ in steps:
        pass
    return steps.result.mesh


def times_ms(shape: Mesh | PointCloud) -> dict[str, float]:
    """Return the CPU milliseconds of rendering and encoding a thumbnail."""
    return {"thumbnail": timed(lambda: encode_png(thumbnail(shape)))[1] * 1000}


def thumbnail_row(name: str, runs_ms: list[float]) -> Row:
    """Return the median of the runs beside the goal."""
    value_ms = median(runs_ms)
    return row(f"thumbnail: {name}", value_ms, "CPU ms", f"{value_ms / GOAL_MS:.2f} x the goal of {GOAL_MS:.0f} ms")


if __name__ == "__main__":
    main(int(sys.argv[1]))
