# SPDX-License-Identifier: GPL-3.0-or-later
"""Generate and read images of catalog shapes without colors.

Run as `python -m scripts.training.images.image_dataset OUT --shapes 3000`.

An image has the visible part and the light of each pixel, so one shape can be colored in many ways (`coloring.py`).
Every shard is written as soon as it is complete, so an interrupted run can resume.
"""

import argparse
import os
from multiprocessing import Pool
from pathlib import Path

import numpy as np

from ..data.captions import SIZE_RANGES, proportions_of
from ..data.catalogue import CATEGORIES, ROLES
from ..data.dataset import role_shares, shards_of
from ..data.point_sampling import Solid
from .splat import EMPTY, dots_of, random_shot, render_dots

SHARD = 50
VIEWS = 5
PART_ROLES = ("main", *ROLES)
SIZES = ("", *SIZE_RANGES)
KEYS = ("roles", "light", "category", "size", "shares")


def make_shape(rng, views=VIEWS, shot=random_shot):
    """Return the columns `KEYS` of a random shape, seen in some views of a kind of shot."""
    category = rng.integers(len(CATEGORIES))
    size = rng.integers(1, len(SIZES)) if rng.random() < 0.4 else 0
    parts = CATEGORIES[category].build(rng, proportions_of(SIZES[size], rng))
    solid = Solid(parts, dict.fromkeys({part.role for part in parts}, np.zeros(3)), rng)
    dots = dots_of(solid, rng)
    seen, light = zip(*(render_dots(dots, shot(rng)) for _ in range(views)), strict=True)
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


def make_shard(job, make=make_shape):
    """Write one shard of shapes from `make` unless it exists."""
    path, index, seed, count = job
    if path.exists():
        return
    rng = np.random.default_rng([seed, index])
    shapes = [make(rng) for _ in range(count)]
    part = path.with_suffix(".part.npz")
    np.savez_compressed(part, **{key: np.stack([shape[key] for shape in shapes]) for key in KEYS})
    os.replace(part, path)


def make_images(arguments, make):
    """Write all shards of a data set with `make`, a picklable function of their jobs."""
    arguments.out.mkdir(parents=True, exist_ok=True)
    shards = shards_of(arguments.out, arguments.shapes, SHARD)
    jobs = [(path, index, arguments.seed, count) for path, index, count in shards]
    with Pool(arguments.workers) as pool:
        for (_, index, _, count), _ in zip(jobs, pool.imap(make, jobs), strict=True):
            print(f"{index * SHARD + count} of {arguments.shapes} shapes", flush=True)


def shards(folder):
    """Return the paths of the existing shards."""
    return sorted(Path(folder).glob("[0-9]*[0-9].npz"))


def read_images(folder, limit=None):
    """Return key -> array over all shards, or the first `limit`.

    roles and light (S, VIEWS, side, side) uint8 (indices into `PART_ROLES`, `splat.EMPTY`; see `splat.render_dots`),
    category and size (S,) int (indices into `CATEGORIES`, `SIZES`), shares (S, R) float32 of the surface.
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
    make_images(parser.parse_args(), make_shard)
