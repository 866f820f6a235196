# SPDX-License-Identifier: GPL-3.0-or-later
"""Compare the interpolated surface of the small Shap-E with the sampled one.

Run as `python -m scripts.training.evaluate.compare_surfaces --seeds 2 --every 1`.

Both are extracted from the same latents of every category in several colors and of every part. The report has, per
grid, the share of one watertight part, the objects whose number of parts differs, the Chamfer distance between the two
(two draws from one object are about 0.018 apart), and the distance of vertices to the field's zero.
"""

import argparse
import json
from functools import partial
from multiprocessing import Pool
from pathlib import Path

import numpy as np
import torch

from blender_text3d.engine.generate import Engine
from blender_text3d.engine.shap_e.colored_field import ColoredField
from blender_text3d.engine.shap_e.field import Field
from blender_text3d.engine.surface import connected_surface
from blender_text3d.engine.surface.interpolated import connected_interpolated_surface
from blender_text3d.protocol.models import DEFAULT_MODEL

from .classification import chamfer, surface_points
from .compare_qualities import COMPARED_POINTS
from .shap_e import sample_prompt_latents
from .tasks import part_tasks, plain_tasks

RAW_PER_UNIT = 12.5
"""The depth channel was trained as this multiple of the distance in model space."""


@torch.inference_mode()
def compare(arguments, prompt):
    """Return a row per seed and grid: how both surfaces of a latent differ."""
    torch.set_num_threads(1)
    model = Engine().load(DEFAULT_MODEL, "cpu")
    seeds = range(arguments.first_seed, arguments.first_seed + arguments.seeds)
    latents = sample_prompt_latents(model, prompt, seeds, arguments.steps, arguments.guidance)
    return [
        row(model, latent, *grids) | {"prompt": prompt, "seed": seed}
        for seed, latent in zip(seeds, latents, strict=True)
        for grids in arguments.grids
    ]


def row(model, latent, grid, coarse):
    """Return the figures of one latent on a grid and on the lattice of `coarse` points that is interpolated."""
    field = Field(model.decoder, latent)
    vertices, faces, report = connected_surface(field.signed_distance, grid=grid, levels=model.levels)
    levels = np.arctanh(model.levels).tolist()
    surface, other = connected_interpolated_surface(ColoredField(field), coarse=coarse, levels=levels)
    clouds = [sampled(vertices, faces), sampled(surface.vertices, surface.faces)]
    return {
        "grid": f"{grid} / {coarse}",
        "parts": (report.components, other.components),
        "watertight": (report.watertight, other.watertight),
        "chamfer": chamfer(*clouds),
        "apart": [residual(field, vertices), residual(field, surface.vertices)],
    }


def sampled(vertices, faces):
    """Return points (N, 3) float32 on a mesh."""
    random = torch.Generator().manual_seed(1)
    return surface_points(vertices, faces, vertices, COMPARED_POINTS, random)[0].numpy()


def residual(field, vertices):
    """Return the mean distance of vertices to the zero of the field, to first order."""
    return float(field.channels(vertices, (0,)).abs().mean()) / RAW_PER_UNIT


def summary(rows):
    """Return the figures of one grid."""
    one = [[parts == 1 and tight for parts, tight in zip(r["parts"], r["watertight"], strict=True)] for r in rows]
    changed = [f"{r['prompt']} #{r['seed']}: {r['parts']}" for r in rows if r["parts"][0] != r["parts"][1]]
    distances = [r["chamfer"] for r in rows]
    return {
        "objects": len(rows),
        "one watertight part": np.mean(one, axis=0).round(4).tolist(),
        "watertight": np.mean([r["watertight"] for r in rows], axis=0).round(4).tolist(),
        "parts differ": changed,
        "chamfer mean, 99 of 100, max": [round(float(f(distances)), 4) for f in (np.mean, p99, np.max)],
        "distance to zero": np.mean([r["apart"] for r in rows], axis=0).round(6).tolist(),
    }


def p99(values):
    """Return the value that 99 of 100 do not exceed."""
    return np.quantile(values, 0.99)


def run(arguments):
    """Compare all prompts and print the report."""
    random = np.random.default_rng(0)
    prompts = [task.prompt for task in plain_tasks(4, 1, random) + part_tasks(random)][:: arguments.every]
    with Pool(arguments.workers) as pool:
        rows = [r for found in pool.imap(partial(compare, arguments), prompts) for r in found]
    grids = dict.fromkeys(r["grid"] for r in rows)
    report = {grid: summary([r for r in rows if r["grid"] == grid]) for grid in grids}
    print(json.dumps(report, indent=1))
    arguments.out.write_text(json.dumps(report, indent=1))


def pair(text):
    """Parse "128/64"."""
    grid, coarse = text.split("/")
    return int(grid), int(coarse)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--grids", type=pair, nargs="+", default=[(128, 64), (64, 32)], help="grid/coarse")
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--every", type=int, default=1, help="use only every n-th prompt")
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--guidance", type=float, default=2.5)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--out", type=Path, default=Path("surfaces.json"))
    run(parser.parse_args())
