# SPDX-License-Identifier: GPL-3.0-or-later
"""Write a contact sheet of random shapes of kinds of the catalog, each with its caption.

Run as `python -m scripts.training.images.catalogue_sheet OUT.png cat rabbit --each 12`.
"""

import argparse
from pathlib import Path

import numpy as np
import torch

from blender_text3d.engine.surface.extract import extract_surface

from ..data.captions import (
    caption,
    describe,
    natural_colors,
    proportions_of,
    remove_hidden_details,
    role_colors,
    role_words,
)
from ..data.catalogue import CATEGORIES
from ..data.colors import COLORS, color_class
from ..data.dataset import role_shares
from ..data.point_sampling import Solid
from .contact_sheet import contact_sheet
from .render import render

BY_NAME = {category.name: category for category in CATEGORIES}


def random_solid(name, seed):
    """Return (caption, `Solid`) of a random shape, half of them in a natural color of their kind."""
    rng = np.random.default_rng([seed, *name.encode()])
    category, color = BY_NAME[name], str(rng.choice(list(COLORS)))
    natural = natural_colors(category)
    if natural and seed % 2 == 0:
        color = color_class(str(rng.choice(natural)))
    described = describe(category, color, rng)
    parts = category.build(rng, proportions_of(described.size, rng))
    described = remove_hidden_details(described, role_shares(parts, rng))
    return caption(described, rng), Solid(parts, role_colors(role_words(described, rng), rng), rng)


def mesh_of(solid, grid=112):
    """Return the (vertices, faces, colors) of a solid, its surface as fine as a field's of `grid` points a side."""

    def depth(points):
        return torch.from_numpy(-solid.distances(points.numpy().astype(float)).min(0)).float()

    seeds = torch.from_numpy(solid.surface(4000, np.random.default_rng(0))[0]).float()
    vertices, faces = extract_surface(depth, grid=grid, seeds=seeds, refine=1)
    places = vertices.numpy().astype(float)
    return places, faces.numpy(), solid.colors[np.abs(solid.distances(places)).argmin(0)]


def picture_of(name, seed, size, turn_deg=28.0):
    """Return (caption, image) of a random shape."""
    text, solid = random_solid(name, seed)
    return text, render(*mesh_of(solid), size=size, turn_deg=turn_deg)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("kinds", nargs="+", choices=BY_NAME)
    parser.add_argument("--each", type=int, default=12)
    parser.add_argument("--size", type=int, default=128)
    parser.add_argument("--columns", type=int, default=12)
    parser.add_argument("--turn", type=float, default=28.0, help="azimuth of the camera, degrees")
    arguments = parser.parse_args()
    entries = [
        picture_of(name, seed, arguments.size, arguments.turn)
        for name in arguments.kinds
        for seed in range(arguments.each)
    ]
    contact_sheet(entries, arguments.columns).save(arguments.out, optimize=True)
