# SPDX-License-Identifier: GPL-3.0-or-later
"""Measure the encoder and decoder of the small Shap-E.

Run as `python -m scripts.training.evaluate.reconstruction --shapes 1000 --points 4096`.

The figure is the overlap (IoU) of new catalog shapes with their reconstruction, at query points drawn uniformly from
the cube. The official encoder has 16,384 input points; this one was trained with 512 and is more accurate with more.
With --files, shapes are written as object files and encoded as the add-on does, from views, with refined latents.

Source: Jun and Nichol 2023 (Shap-E), section 4.1.
"""

import argparse
import json
import tempfile
from pathlib import Path

import numpy as np
import torch

from blender_text3d.engine.mini.files import SHAP_E_WEIGHTS
from blender_text3d.engine.recipe import Recipe
from blender_text3d.engine.shap_e.configs import MINI_ENCODER
from blender_text3d.engine.shap_e.encoder import PointCloudEncoder
from blender_text3d.engine.shap_e.encoding.encode_object import encode_mini
from blender_text3d.engine.shap_e.field import Field
from blender_text3d.engine.shap_e.mini import MODEL, MiniShapE
from blender_text3d.engine.weights.loading.load_tensors import load_float32, load_prefixed
from blender_text3d.geometry.textured_mesh import save_textured_mesh
from blender_text3d.prompts.vocabulary import OBJECTS, read_vocabulary
from blender_text3d.system.run_steps import run_steps

from ..data.catalogue import CATEGORIES, pairs
from ..data.dataset import solid_of
from ..data.point_sampling import sample
from .catalog_files import catalog_mesh

SEED = 20_221_119
"""A seed that no data set uses."""


def random_shapes(count, points, seed=SEED):
    """Yield (category name, `Sample` with that many points, `Solid`) of random shapes, including held-out pairs.

    The kinds are those that the included model knows.
    """
    known = read_vocabulary(MODEL).groups[OBJECTS]
    rng, chosen = np.random.default_rng(seed), [pair for pair in pairs(False) + pairs(True) if pair[0] in known]
    for _ in range(count):
        name, color = chosen[rng.integers(len(chosen))]
        solid = solid_of(name, color, rng)[2]
        yield name, sample(solid, rng, points), solid


@torch.inference_mode()
def encoded(encoder, shape):
    """Return the latent (D,) of a `Sample`'s points."""
    cloud, colors = (torch.from_numpy(np.asarray(values, np.float32)) for values in (shape.points, shape.colors))
    return encoder(cloud[None], colors[None] / 255)[0]


def encoded_file(solid):
    """Return the latent (D,) of a `Solid` that is written as an object file."""
    recipe = Recipe("", MODEL, seed=0, steps=4, guidance=1.0, grid=0, device="cpu")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "object.npz"
        save_textured_mesh(path, catalog_mesh(solid))
        return run_steps(encode_mini(recipe, path, torch.device("cpu")))


@torch.inference_mode()
def overlap(model, latent, shape):
    """Return (queries inside both, queries inside either) of one `Sample` and the object of its latent (D,)."""
    uniform = slice(len(shape.queries) // 2, None)  # the first half is near the surface
    query_points = torch.from_numpy(np.asarray(shape.queries[uniform], np.float32))
    inside = Field(model.decoder, latent).signed_distance(query_points).numpy() > 0
    truth = shape.distances[uniform] < 0
    return int((inside & truth).sum()), int((inside | truth).sum())


def run(arguments):
    """Measure and print, worst categories first."""
    torch.set_num_threads(arguments.threads)
    model = MiniShapE.load(torch.device("cpu"))
    encoder = load_prefixed(PointCloudEncoder(MINI_ENCODER), load_float32(SHAP_E_WEIGHTS), "encoder.", model.device)
    shapes = random_shapes(arguments.shapes, arguments.points)
    found = []
    for name, shape, solid in shapes:
        latent = encoded_file(solid) if arguments.files else encoded(encoder, shape)
        found.append((name, *overlap(model, latent, shape)))
    both, either = (np.array(column, float) for column in list(zip(*found, strict=True))[1:])
    each = both / np.maximum(either, 1)
    names = np.array([name for name, *_ in found])
    kinds = {c.name: round(float(each[names == c.name].mean()), 3) for c in CATEGORIES if (names == c.name).any()}
    report = {"shapes": len(each), "points": arguments.points, "mean": each.mean(), "pooled": both.sum() / either.sum()}
    text = json.dumps(report | {"mean_of_kinds": dict(sorted(kinds.items(), key=lambda kind: kind[1]))}, indent=1)
    print(text)
    if arguments.out:
        arguments.out.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shapes", type=int, default=1000)
    parser.add_argument("--points", type=int, default=4096, help="encoder input points per shape")
    parser.add_argument("--files", action="store_true", help="encode object files, from views")
    parser.add_argument("--out", type=Path, help="file for the report")
    parser.add_argument("--threads", type=int, default=1)
    run(parser.parse_args())
