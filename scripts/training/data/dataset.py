# SPDX-License-Identifier: GPL-3.0-or-later
"""Generate and read a data set of catalog shapes.

Run as `python -m scripts.training.data.dataset OUT --shapes 40000 --seed 1 --pairs seen`.

Every shard of up to 500 shapes is written as soon as it is complete, so an interrupted run can resume.
"""

import argparse
import os
from multiprocessing import Pool
from pathlib import Path

import numpy as np

from .captions import caption, describe, proportions_of, remove_hidden_details, role_colors, role_words
from .catalogue import CATEGORIES, ROLES, pairs
from .colors import COLORS, color_class
from .point_sampling import Solid, sample

SHARD = 500
BY_NAME = {category.name: category for category in CATEGORIES}


def make_shape(name, color, rng):
    """Return (description, color classes of its parts in the order of `ROLES`, sample) of a random shape."""
    description, words, solid = solid_of(name, color, rng)
    return description, part_classes(words, solid.parts), sample(solid, rng)


def solid_of(name, color, rng):
    """Return (description, role -> color word, `Solid`) of a random shape."""
    described = describe(BY_NAME[name], color, rng)
    parts = described.category.build(rng, proportions_of(described.size, rng))
    description = remove_hidden_details(described, role_shares(parts, rng))
    words = role_words(description, rng)
    return description, words, Solid(parts, role_colors(words, rng), rng)


def role_shares(parts, rng, count=1000):
    """Return role -> share of the surface."""
    solid = Solid(parts, dict.fromkeys({part.role for part in parts}, np.zeros(3)), rng)
    owners = np.bincount(solid.surface(count, rng)[1], minlength=len(parts)) / count
    return {
        role: sum(owners[i] for i, part in enumerate(parts) if part.role == role) for role in {p.role for p in parts}
    }


def part_classes(words, parts):
    """Return (R,) int8 color index of each of `ROLES`, -1 for a missing part."""
    classes = {part.role: list(COLORS).index(color_class(words[part.role])) for part in parts}
    return np.array([classes.get(role, -1) for role in ROLES], np.int8)


def make_shard(job):
    """Write one shard unless it exists."""
    path, index, seed, which, count = job
    if path.exists():
        return
    rng = np.random.default_rng([seed, index])
    chosen = {"seen": pairs(False), "held": pairs(True), "all": pairs(False) + pairs(True)}[which]
    names = [chosen[i] for i in rng.integers(0, len(chosen), count)]
    shapes = [make_shape(name, color, rng) for name, color in names]
    samples = [drawn for _, _, drawn in shapes]
    part = path.with_suffix(".part.npz")
    np.savez(
        part,
        points=np.stack([s.points for s in samples]).astype(np.float16),
        colors=np.stack([s.colors for s in samples]),
        queries=np.stack([s.queries for s in samples]).astype(np.float16),
        distances=np.stack([s.distances for s in samples]).astype(np.float16),
        query_colors=np.stack([s.query_colors for s in samples]),
        category=np.array([BY_INDEX[d.category.name] for d, _, _ in shapes], np.int16),
        color=np.array([list(COLORS).index(d.color_class) for d, _, _ in shapes], np.int16),
        part_colors=np.stack([classes for _, classes, _ in shapes]),
        captions=np.array([[caption(d, rng) for _ in range(4)] for d, _, _ in shapes]),
    )
    os.replace(part, path)


BY_INDEX = {category.name: index for index, category in enumerate(CATEGORIES)}


def make(folder, shapes, seed, which, workers):
    """Write all shards of a data set."""
    folder.mkdir(parents=True, exist_ok=True)
    jobs = [(*shard, seed, which, count) for *shard, count in shards_of(folder, shapes, SHARD)]
    with Pool(workers) as pool:
        for (_, index, *_, count), _ in zip(jobs, pool.imap(make_shard, jobs), strict=True):
            print(f"{index * SHARD + count} of {shapes} shapes", flush=True)


def shards_of(folder, shapes, each):
    """Return (path, index, number of shapes) of the files of a data set; the last one has the rest."""
    starts = range(0, shapes, each)
    return [(folder / f"{index:05d}.npz", index, min(each, shapes - start)) for index, start in enumerate(starts)]


def read(folder, keys, limit=None):
    """Return one array per key over all shapes, or the first `limit`, in the order of the shards."""
    columns = {key: [] for key in keys}
    for shard in sorted(Path(folder).glob("[0-9]*[0-9].npz")):
        if limit and sum(map(len, columns[keys[0]])) >= limit:
            break
        with np.load(shard) as data:
            for key in keys:
                columns[key].append(data[key])
    return {key: np.concatenate(columns.pop(key))[:limit] for key in keys}  # without all of them twice


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--shapes", type=int, default=40_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--pairs", choices=("seen", "held", "all"), default="seen")
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    arguments = parser.parse_args()
    make(arguments.out, arguments.shapes, arguments.seed, arguments.pairs, arguments.workers)
