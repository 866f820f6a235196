# SPDX-License-Identifier: GPL-3.0-or-later
"""Measure round trips of objects through a Shap-E: encoded from its file, decoded, and compared with the original.

Run as `python -m scripts.training.evaluate.round_trips --catalog 150 --furniture FOLDER --out trips.json`.

Few real models are closed, so two volumes stand for an object, on one grid of points: the hull, which all views show
as object, and the solid, which besides no view sees into. The solid of an open shell is empty: where it has less than
`MIN_SOLID_SHARE` of the hull, `solid` is left out. `box` is the IoU of the hull and of the box around the original. The
color error is the mean absolute difference of base colors (sRGB, 0 to 1) in the pixels in which both are seen.
"""

import argparse
import json
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from blender_text3d.engine.generate import Engine, Recipe
from blender_text3d.engine.shap_e.encoding.object_file import BadObject, object_mesh
from blender_text3d.engine.shap_e.encoding.object_views import unit_size
from blender_text3d.engine.shap_e.rendering.rasterize import rasterize
from blender_text3d.geometry.object_cameras import sphere_cameras
from blender_text3d.geometry.textured_mesh import save_textured_mesh
from blender_text3d.protocol.models import MODELS
from blender_text3d.system.run_steps import run_steps

from ..data.catalogue import pairs
from ..data.dataset import solid_of
from .catalog_files import catalog_mesh, textured
from .cc0_furniture import furniture
from .reconstruction import SEED

VIEWS, SIDE, GRID = 24, 128, 48
HALF_WIDTH = 0.55
"""Of the cube of points around an object whose longest side is 1."""
DEPTH_TOLERANCE = 0.01
MIN_SOLID_SHARE = 0.4


@dataclass(frozen=True)
class Seen:
    """Pictures of a mesh by cameras: depths (V, H, W), infinite for the ground, and base colors (V, H, W, 3) sRGB."""

    depths: np.ndarray
    colors: np.ndarray


def seen(mesh, places, cameras):
    """Return what cameras see of a `TexturedMesh` whose vertices are at `places` (V, 3)."""
    depths = np.full((len(cameras), SIDE, SIDE), np.inf, np.float32)
    colors = np.zeros((len(cameras), SIDE, SIDE, 3), np.float32)
    for index in range(len(cameras)):
        corners = cameras.pixels(index, places)[mesh.faces]
        hits = rasterize(corners, SIDE, SIDE)
        depths[index].ravel()[hits.pixel] = (corners[hits.face][..., 2] * hits.weights).sum(axis=1)
        colors[index].reshape(-1, 3)[hits.pixel] = mesh.base_colors(hits.face, hits.weights)
    return Seen(depths, colors)


def hull_and_solid(depths, cameras, points):
    """Return twice (P,) bool: True for points (P, 3) within all silhouettes, and for those that no view sees, too."""
    hull, solid = np.ones((2, len(points)), bool)
    for index in range(len(cameras)):
        column, row, depth = cameras.pixels(index, points).T
        column, row = (np.clip(value.astype(np.int64), 0, SIDE - 1) for value in (column, row))
        nearest = depths[index][row, column]
        hull &= np.isfinite(nearest)
        solid &= depth >= nearest - DEPTH_TOLERANCE
    return hull, solid


def round_trip(engine, model, path, grid, cameras, points):
    """Return the figures of one object file."""
    original = object_mesh(path)
    recipe = Recipe("an object", model, seed=0, steps=1, guidance=1.0, grid=grid, device="cpu", object=path)
    start = time.process_time()
    mesh = run_steps(engine.generate(recipe)).mesh
    seconds = time.process_time() - start
    places = unit_size(original)
    copy = textured(mesh.vertices / MODELS[model].encoded_side, mesh.faces, mesh.colors)
    first, second = seen(original, places, cameras), seen(copy, copy.vertices, cameras)
    (hull, solid), (copied_hull, copied_solid) = (
        hull_and_solid(view.depths, cameras, points) for view in (first, second)
    )
    used = places[original.faces.ravel()]
    in_box = ((points >= used.min(axis=0)) & (points <= used.max(axis=0))).all(axis=1)
    both = np.isfinite(first.depths) & np.isfinite(second.depths)
    is_closed = solid.sum() >= MIN_SOLID_SHARE * hull.sum()
    return {
        "hull": iou(hull, copied_hull),
        **({"solid": iou(solid, copied_solid)} if is_closed else {}),
        "box": iou(hull, in_box),
        "silhouette": iou(np.isfinite(first.depths), np.isfinite(second.depths)),
        "color_error": float(np.abs(first.colors - second.colors)[both].mean()) if both.any() else 1.0,
        "faces": len(original.faces),
        "seconds": round(seconds, 2),
    }


def iou(first, second):
    """Return the intersection over union of two boolean arrays."""
    return float((first & second).sum() / max((first | second).sum(), 1))


def catalog_files(count, folder):
    """Yield (kind, file) of random catalog shapes that no training has seen."""
    rng, chosen = np.random.default_rng(SEED), pairs(False) + pairs(True)
    for number in range(count):
        name, color = chosen[rng.integers(len(chosen))]
        path = folder / f"{number}.npz"
        save_textured_mesh(path, catalog_mesh(solid_of(name, color, rng)[2]))
        yield name, path


def measure(files, engine, arguments):
    """Return the figures of every file, by name; an object that cannot be encoded has its sentence."""
    cameras = sphere_cameras(VIEWS, SIDE, seed=1)
    axis = np.linspace(-HALF_WIDTH, HALF_WIDTH, GRID)
    points = np.stack(np.meshgrid(axis, axis, axis, indexing="ij"), axis=-1).reshape(-1, 3)
    found = []
    for name, path in files:
        try:
            figures = round_trip(engine, arguments.model, path, arguments.grid, cameras, points)
        except BadObject as error:
            figures = {"error": str(error)}
        found.append({"name": name, **figures})
        print(json.dumps(found[-1]), flush=True)
    return found


def summary(rows):
    """Return the means of the figures, and the numbers of objects measured, of closed ones and of those not copied."""
    measured = [row for row in rows if "hull" in row]
    found = {}
    for name in ("hull", "solid", "box", "silhouette", "color_error", "seconds"):
        values = [row[name] for row in measured if name in row]
        found[name] = round(float(np.mean(values)), 3) if values else None
        found[f"median_{name}"] = round(float(np.median(values)), 3) if values else None
    closed = sum("solid" in row for row in measured)
    return found | {"objects": len(measured), "closed": closed, "not_copied": len(rows) - len(measured)}


def run(arguments):
    """Measure and print."""
    torch.set_num_threads(arguments.threads)
    engine, report = Engine(), {}
    with tempfile.TemporaryDirectory() as scratch:
        if arguments.catalog:
            report["catalog"] = measure(catalog_files(arguments.catalog, Path(scratch)), engine, arguments)
    if arguments.furniture:
        models = furniture(arguments.furniture, arguments.package)[: arguments.limit]
        report["furniture"] = measure(models, engine, arguments)
    print(json.dumps({name: summary(rows) for name, rows in report.items()}, indent=1))
    if arguments.out:
        arguments.out.write_text(json.dumps(report, indent=1))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--catalog", type=int, default=150, help="number of catalog shapes")
    parser.add_argument("--furniture", type=Path, help="folder for the real models; without it none are measured")
    parser.add_argument("--package", type=Path, help="file of the package, instead of a download")
    parser.add_argument("--limit", type=int, help="number of real models (all)")
    parser.add_argument("--model", default="mini/shap-e")
    parser.add_argument("--grid", type=int, default=96)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--out", type=Path, help="file for the figures of every object")
    run(parser.parse_args())
