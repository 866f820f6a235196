#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Measure the tools of the sub-panel Mesh: how far their meshes and colors are from the full one, and their time.

    PYTHON_WITH_BPY scripts/bench/mesh_tools.py FOLDER     searched for mesh.npz of jobs

Distances are from the full surface to the new one, in percent of the longest side; color errors are the mean difference
of linear colors, of 255; the angle is the smallest of a triangle, at the first percentile.
"""

import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import mean
from typing import NamedTuple

import bpy
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from blender_text3d.scene.decimate import set_face_limit
from blender_text3d.scene.face_arrays import RemeshError
from blender_text3d.scene.lods import Lods, make_lods
from blender_text3d.scene.mesh import fill_mesh, finish_mesh
from blender_text3d.scene.mesh_fixes import Fixes, fix_mesh
from blender_text3d.scene.remesh import QUADS, TRIANGLES, remeshed
from blender_text3d.scene.smooth import set_smooth
from tests.blender.mesh_measures import difference, smallest_angles

Way = Callable[[bpy.types.Object], bpy.types.Mesh]


class Figures(NamedTuple):
    """Figures of one mesh."""

    faces: float
    distance_percent: float
    color_error: float
    angle_deg: float
    seconds: float


def main(folder: Path) -> None:
    """Print a table of the tools in Markdown: means of all objects."""
    paths = sorted(folder.rglob("mesh.npz"))
    print(f"{len(paths)} objects, Blender {bpy.app.version_string}\n")
    print("| tool | faces | distance | color error | angle | seconds | not possible |\n| --- " + "| ---: " * 6 + "|")
    for name, way in all_ways().items():
        found = [figures for path in paths if (figures := measure(way, path)) is not None]
        means = [mean(column) for column in zip(*found, strict=True)]
        texts = [f"{means[0]:,.0f}", f"{means[1]:.3f} %", f"{means[2]:.2f}", f"{means[3]:.0f}°", f"{means[4]:.2f}"]
        print(f"| {name} | {' | '.join(texts)} | {len(paths) - len(found) or '–'} |", flush=True)


def all_ways() -> dict[str, Way]:
    """Return the tools by their names in the table."""
    ways: dict[str, Way] = {"full mesh": lambda target: target.data.copy()}
    for faces in (10_000, 3_000, 1_000):
        ways[f"Faces {faces:,}"] = lambda target, faces=faces: limited(target, faces)
    for kind, counts in ((TRIANGLES, (10_000, 3_000, 1_000)), (QUADS, (3_000, 1_000))):
        for faces in counts:
            name = f"Remesh, {faces:,} {kind.lower()}"
            ways[name] = lambda target, kind=kind, faces=faces: remeshed(target.data, kind, faces, np.ones(3))
    ways["LODs, the third of three"] = lambda target: make_lods(target, Lods())[3].data
    ways["Smooth, 4 iterations"] = smoothed
    ways["Fix Mesh"] = fixed
    return ways


def limited(target: bpy.types.Object, faces: int) -> bpy.types.Mesh:
    """Return what the slider Faces shows."""
    set_face_limit(target, faces)
    return shown(target)


def smoothed(target: bpy.types.Object) -> bpy.types.Mesh:
    """Return what Smooth shows."""
    set_smooth(target, 4, 0.5)
    return shown(target)


def fixed(target: bpy.types.Object) -> bpy.types.Mesh:
    """Return the repaired mesh."""
    copy = target.data.copy()
    fix_mesh(copy, Fixes(small_share=0.001))
    return copy


def shown(target: bpy.types.Object) -> bpy.types.Mesh:
    """Return the mesh with its modifiers, which Blender computes for the viewport."""
    bpy.context.view_layer.update()
    return target.evaluated_get(bpy.context.evaluated_depsgraph_get()).data


def measure(way: Way, path: Path) -> Figures | None:
    """Return the figures of a tool on one mesh, or None if it refuses it."""
    bpy.ops.wm.read_homefile(app_template="", use_empty=True)
    target = full_object(path)
    bpy.context.view_layer.update()
    start_s = time.perf_counter()
    try:
        made = way(target)
    except RemeshError:
        return None
    seconds = time.perf_counter() - start_s
    color, distance = difference(target.data, made, samples=10_000)
    size = max(target.dimensions)
    angle = float(np.percentile(smallest_angles(made), 1))
    return Figures(len(made.polygons), 100 * distance / size, color, angle, seconds)


def full_object(path: Path) -> bpy.types.Object:
    """Return a new object with the mesh of a job."""
    with np.load(path) as stored:
        vertices, faces, colors = (stored[name] for name in ("vertices", "faces", "colors"))
    data = bpy.data.meshes.new(path.parent.name)
    fill_mesh(data, vertices, faces, colors if colors.dtype == np.float32 else colors.astype(np.float32) / 255)
    finish_mesh(data, faces)
    target = bpy.data.objects.new(path.parent.name, data)
    bpy.context.scene.collection.objects.link(target)
    return target


if __name__ == "__main__":
    main(Path(sys.argv[1]))
