# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes and reads pictures of catalog shapes without colors.

Run as `python -m scripts.training.images.image_dataset OUT --shapes 3000`.

A picture says which part each pixel sees and in what light, so one shape can be learned from in all colors
(`painting.py`). Shards are written as they are made, so a stopped run goes on where it was.
"""

import argparse
import os
from multiprocessing import Pool
from pathlib import Path

import numpy as np

from ..data.captions import SIZE_LOOKS, look_of
from ..data.catalogue import CATEGORIES, ROLES
from ..data.dataset import role_shares
from ..data.point_sampling import Solid
from .splat import EMPTY, dots_of, picture_of, random_shot

SHARD = 50
VIEWS = 5
PART_ROLES = ("main", *ROLES)
SIZES = ("", *SIZE_LOOKS)
KEYS = ("roles", "light", "category", "size", "shares")


def make_shape(rng):
    """One shape of any category: a dictionary of `KEYS`."""
    category = rng.integers(len(CATEGORIES))
    size = rng.integers(1, len(SIZES)) if rng.random() < 0.4 else 0
    parts = CATEGORIES[category].build(rng, look_of(SIZES[size], rng))
    solid = Solid(parts, dict.fromkeys({part.role for part in parts}, np.zeros(3)), rng)
    dots = dots_of(solid, rng)
    seen, light = zip(*(picture_of(dots, random_shot(rng)) for _ in range(VIEWS)), strict=True)
    role_of = np.full(256, EMPTY, np.uint8)
    role_of[: len(parts)] = [PART_ROLES.index(part.role) for part in parts]
    shares = role_shares(parts, rng)
    return {
        "roles": role_of[np.stack(seen)],
        "light": np.stack(light),
        "category": category,
        "size": size,
        "shares": np.array([shares.get(role, 0.0) for role in PART_ROLES], np.float32),
    }


def make_shard(job):
    """Writes one shard; does nothing where it is there already."""
    path, index, seed = job
    if path.exists():
        return
    rng = np.random.default_rng([seed, index])
    shapes = [make_shape(rng) for _ in range(SHARD)]
    part = path.with_suffix(".part.npz")
    np.savez_compressed(part, **{key: np.stack([shape[key] for shape in shapes]) for key in KEYS})
    os.replace(part, path)


def shards(folder):
    """Paths of the shards that are there."""
    return sorted(Path(folder).glob("[0-9]*[0-9].npz"))


def read_pictures(folder, limit=None):
    """Key -> array over all shards, or the first `limit`.

    roles and light (S, VIEWS, side, side) uint8 (numbers in `PART_ROLES`, `splat.EMPTY`; see `splat.picture_of`),
    category and size (S,) int (numbers in `CATEGORIES`, `SIZES`), shares (S, R) float32 of the surface.
    """
    columns = {key: [] for key in KEYS}
    for shard in shards(folder)[:limit]:
        with np.load(shard) as data:
            for key, values in columns.items():
                values.append(data[key])
    return {key: np.concatenate(values) for key, values in columns.items()}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--shapes", type=int, default=3000)
    parser.add_argument("--seed", type=int, default=101)
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    jobs = [(arguments.out / f"{index:05d}.npz", index, arguments.seed) for index in range(arguments.shapes // SHARD)]
    with Pool(arguments.workers) as pool:
        for done, _ in enumerate(pool.imap(make_shard, jobs), start=1):
            print(f"{done * SHARD} of {arguments.shapes} shapes", flush=True)
