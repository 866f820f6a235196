#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compare ways to unwrap: how much of a texture they use, how they stretch it, and how long they take.

    PYTHON_WITH_BPY scripts/bench/uv.py FOLDER_OF_MESHES     .npz files with `vertices` and `faces`

The ways are Blender's, and that of the package xatlas if this Python has it. Islands are at least GAP pixels of a
texture of SIDE pixels apart: of each way, the smallest margin that keeps them so is measured, object by object.
"""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import mean, median

import bpy
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from blender_text3d.scene.mesh import fill_mesh
from scripts.bench.uv_figures import GAP, SIDE, Figures, measure

MARGINS = (0.001, 0.002, 0.004, 0.006, 0.008, 0.016)
Unwrap = Callable[[np.ndarray, np.ndarray, float], np.ndarray]


def main(folder: Path, names: list[str]) -> None:
    """Print a table of the ways, and one line of JSON with the figures of all objects."""
    meshes = [(path.stem, np.load(path)) for path in sorted(folder.glob("*.npz"))]
    ways = {name: way for name, way in all_ways().items() if not names or any(each in name for each in names)}
    rows = {}
    print(
        "| way | used | gap in pixels | stretch | density | islands | seconds | longest |\n| --- " + "| ---: " * 7 + "|"
    )
    for name, way in ways.items():
        found = [smallest_margin(way, data["vertices"], data["faces"]) for _, data in meshes]
        rows[name] = [dict(each._asdict(), object=stem) for each, (stem, _) in zip(found, meshes, strict=True)]
        print(table_row(name, found), flush=True)
    print(json.dumps(rows))


def table_row(name: str, found: list[Figures]) -> str:
    """Return the means of all objects in Markdown."""
    columns = [f"{mean(each.used for each in found):.1%}", f"{min(each.gap_px for each in found)}"]
    columns += [f"{mean(each.stretch for each in found):.2f}", f"{mean(each.density for each in found):.2f}"]
    columns += [f"{median(each.islands for each in found):.0f}", f"{mean(each.seconds for each in found):.2f}"]
    return f"| {name} | {' | '.join(columns)} | {max(each.seconds for each in found):.2f} |"


def smallest_margin(way: Unwrap, vertices: np.ndarray, faces: np.ndarray) -> Figures:
    """Return the figures of the smallest margin that leaves GAP pixels, or of the largest margin."""
    for margin in MARGINS:
        start_s = time.perf_counter()
        uvs = way(vertices, faces, margin)
        figures = measure(vertices, faces, uvs, time.perf_counter() - start_s, margin)
        if figures.gap_px >= GAP:
            break
    return figures


def all_ways() -> dict[str, Unwrap]:
    """Return the ways to unwrap by name."""
    ways: dict[str, Unwrap] = {}
    for angle in (45, 66, 80):
        for method in ("ADD", "FRACTION", "SCALED"):
            ways[f"smart {angle} {method}"] = smart(angle, method)
    for shape in ("AABB", "CONVEX", "CONCAVE"):
        for method in ("ADD", "FRACTION"):
            ways[f"smart 66, pack {shape} {method}"] = packed(shape, method)
    ways["cube"] = cube
    ways["lightmap"] = lightmap
    try:
        import xatlas

        ways["xatlas"] = lambda vertices, faces, margin: by_xatlas(xatlas, vertices, faces, margin)
    except ImportError:
        pass
    return ways


def in_edit_mode(unwrap: Callable[[float], None]) -> Unwrap:
    """Return a way that runs operators of Edit Mode on all faces."""

    def way(vertices: np.ndarray, faces: np.ndarray, margin: float) -> np.ndarray:
        bpy.ops.wm.read_homefile(app_template="", use_empty=True)
        data = bpy.data.meshes.new("x")
        fill_mesh(data, vertices, faces, np.ones_like(vertices))
        target = bpy.data.objects.new("x", data)
        bpy.context.scene.collection.objects.link(target)
        bpy.context.view_layer.objects.active = target
        bpy.ops.object.mode_set(mode="EDIT")
        bpy.ops.mesh.select_all(action="SELECT")
        unwrap(margin)
        bpy.ops.object.mode_set(mode="OBJECT")
        uvs = np.empty(faces.size * 2, np.float32)
        data.uv_layers.active.uv.foreach_get("vector", uvs)
        return uvs.reshape(-1, 3, 2)

    return way


def smart(angle_deg: float, method: str) -> Unwrap:
    """Return Smart UV Project with this angle and margin method."""
    return in_edit_mode(
        lambda margin: bpy.ops.uv.smart_project(
            angle_limit=np.radians(angle_deg), island_margin=margin, margin_method=method
        )
    )


def packed(shape: str, method: str) -> Unwrap:
    """Return Smart UV Project followed by Pack Islands, which may not turn them: that takes ten times as long."""

    def unwrap(margin: float) -> None:
        bpy.ops.uv.smart_project(angle_limit=np.radians(66), island_margin=margin, margin_method="FRACTION")
        bpy.ops.uv.select_all(action="SELECT")
        bpy.ops.uv.pack_islands(shape_method=shape, rotate=False, margin_method=method, margin=margin)

    return in_edit_mode(unwrap)


@in_edit_mode
def cube(margin: float) -> None:
    """Project from six sides and pack."""
    bpy.ops.uv.cube_project(scale_to_bounds=False)
    bpy.ops.uv.select_all(action="SELECT")
    bpy.ops.uv.pack_islands(shape_method="AABB", rotate=False, margin_method="ADD", margin=margin)


@in_edit_mode
def lightmap(margin: float) -> None:
    """Pack every face by itself."""
    bpy.ops.uv.lightmap_pack(PREF_CONTEXT="ALL_FACES", PREF_MARGIN_DIV=margin * 100)


def by_xatlas(xatlas, vertices: np.ndarray, faces: np.ndarray, margin: float) -> np.ndarray:
    """Unwrap by xatlas; the margin is a share of the texture's side."""
    atlas = xatlas.Atlas()
    atlas.add_mesh(vertices, faces.astype(np.uint32))
    packing = xatlas.PackOptions()
    packing.padding, packing.resolution = round(margin * SIDE), SIDE
    atlas.generate(pack_options=packing)
    _, indices, uvs = atlas[0]
    scale = np.array([atlas.width, atlas.height]) / max(atlas.width, atlas.height)
    return (uvs * scale)[indices].astype(np.float32)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
