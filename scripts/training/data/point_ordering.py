# SPDX-License-Identifier: GPL-3.0-or-later
"""Gives the points of every shape fixed places in a list.

Run as `python -m scripts.training.data.point_ordering DATA OUT --shapes 40000`.

Of each shape, points spread evenly over its surface are matched to one template cloud so that they travel the least in
all. Place i then lies in the same region of every shape, and a network that knows the place learns a shape sooner.
"""

import argparse
from pathlib import Path

import numpy as np
import torch
from scipy.optimize import linear_sum_assignment

from .dataset import SHARD

PLACES = 256


def spread_points(points, count):
    """(S, N, 3) -> (S, count) int64: points picked one by one, each the farthest from those before it."""
    picked, rows = [torch.zeros(len(points), dtype=torch.long)], torch.arange(len(points))
    distance = torch.full(points.shape[:2], torch.inf)
    for _ in range(count - 1):
        distance = torch.minimum(distance, (points - points[rows, picked[-1]][:, None]).square().sum(-1))
        picked.append(distance.argmax(1))
    return torch.stack(picked, dim=1)


def places_of(template, points):
    """(P,) int64: which of `points` (P, 3) goes to each place, so that the squared ways sum to the least."""
    ways = torch.cdist(template, points).square().double().numpy()
    return torch.from_numpy(linear_sum_assignment(ways)[1])


def halved(points):
    """(P,) order in which neighbors are together: split in the middle of the longest side, again and again."""
    if len(points) == 1:
        return torch.zeros(1, dtype=torch.long)
    axis = int((points.amax(0) - points.amin(0)).argmax())
    order = points[:, axis].argsort()
    parts = order[: len(order) // 2], order[len(order) // 2 :]
    return torch.cat([part[halved(points[part])] for part in parts])


def template_of(points, rounds=3):
    """(PLACES, 3): a cloud in the middle of some shapes' clouds (S, PLACES, 3), neighbors together."""
    template = torch.rand(points.shape[1:], generator=torch.Generator().manual_seed(0)) * 1.8 - 0.9
    for _ in range(rounds):
        template = torch.stack([cloud[places_of(template, cloud)] for cloud in points]).mean(0)
    return template[halved(template)]


def points_of(path):
    """(S, N, 3) float32 surface points of a shard."""
    with np.load(path) as data:
        return torch.from_numpy(data["points"]).float()


def gathered(points, rows):
    """(S, N, C), (S, P) -> (S, P, C)."""
    return points.gather(1, rows[..., None].expand(-1, -1, points.shape[2]))


def write_places(path, template, out):
    """Writes which point of each shape of a shard takes which place: (S, PLACES) int16."""
    points = points_of(path)
    rows = torch.cat([spread_points(some, PLACES) for some in points.split(50)])
    clouds = gathered(points, rows)
    places = torch.stack([row[places_of(template, cloud)] for row, cloud in zip(rows, clouds, strict=True)])
    part = out.with_suffix(".part.npy")
    np.save(part, places.numpy().astype(np.int16))
    part.replace(out)


def make(data, out, shapes, template_path):
    """Writes the places of a data set's first shapes, a file a shard; the template is made where there is none."""
    out.mkdir(parents=True, exist_ok=True)
    shards = sorted(data.glob("[0-9]*[0-9].npz"))[: shapes // SHARD]
    if not template_path.exists():
        points = points_of(shards[0])[:150]
        np.save(template_path, template_of(gathered(points, spread_points(points, PLACES))).numpy())
    template = torch.from_numpy(np.load(template_path))
    for shard in shards:
        path = out / f"{shard.stem}.npy"
        if not path.exists():
            write_places(shard, template, path)
            print(path.name, flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--template", type=Path, default=Path("template.npy"), help="made if it is not there")
    parser.add_argument("--shapes", type=int, default=100_000)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    make(arguments.data, arguments.out, arguments.shapes, arguments.template)
