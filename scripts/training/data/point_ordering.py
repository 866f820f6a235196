# SPDX-License-Identifier: GPL-3.0-or-later
"""Order the points of every shape consistently.

Run as `python -m scripts.training.data.point_ordering DATA OUT`.

Evenly spread points of each shape are assigned to the points of one template cloud with the least total squared
distance. Point i is then in the same region of every shape, so a network with position embeddings learns faster.
"""

import argparse
from pathlib import Path

import numpy as np
import torch
from scipy.optimize import linear_sum_assignment

PLACES = 256


def spread_points(points, count):
    """Return (S, count) int64 farthest point samples of clouds (S, N, 3)."""
    picked, rows = [torch.zeros(len(points), dtype=torch.long)], torch.arange(len(points))
    distance = torch.full(points.shape[:2], torch.inf)
    for _ in range(count - 1):
        distance = torch.minimum(distance, (points - points[rows, picked[-1]][:, None]).square().sum(-1))
        picked.append(distance.argmax(1))
    return torch.stack(picked, dim=1)


def assign_places(template, points):
    """Return the (P,) int64 assignment of `points` (P, 3) to a template with the least total squared distance."""
    ways = torch.cdist(template, points).square().double().numpy()
    return torch.from_numpy(linear_sum_assignment(ways)[1])


def order_by_halving(points):
    """Return a (P,) order that groups neighbors, by recursive halving along the longest side."""
    if len(points) == 1:
        return torch.zeros(1, dtype=torch.long)
    axis = int((points.amax(0) - points.amin(0)).argmax())
    order = points[:, axis].argsort()
    parts = order[: len(order) // 2], order[len(order) // 2 :]
    return torch.cat([part[order_by_halving(points[part])] for part in parts])


def make_template(points, rounds=3):
    """Return the template: a (PLACES, 3) mean of clouds (S, PLACES, 3), ordered by halving."""
    template = torch.rand(points.shape[1:], generator=torch.Generator().manual_seed(0)) * 1.8 - 0.9
    for _ in range(rounds):
        template = torch.stack([cloud[assign_places(template, cloud)] for cloud in points]).mean(0)
    return template[order_by_halving(template)]


def read_points(path):
    """Return (S, N, 3) float32 surface points of a shard."""
    with np.load(path) as data:
        return torch.from_numpy(data["points"]).float()


def gather_rows(points, rows):
    """Gather rows (S, P) of clouds (S, N, C): (S, P, C)."""
    return points.gather(1, rows[..., None].expand(-1, -1, points.shape[2]))


def write_places(path, template, out):
    """Write the point order of each shape of a shard: (S, PLACES) int16."""
    points = read_points(path)
    rows = torch.cat([spread_points(some, PLACES) for some in points.split(50)])
    clouds = gather_rows(points, rows)
    places = torch.stack([row[assign_places(template, cloud)] for row, cloud in zip(rows, clouds, strict=True)])
    part = out.with_suffix(".part.npy")
    np.save(part, places.numpy().astype(np.int16))
    part.replace(out)


def make(data, out, shards, template_path):
    """Write the point order of the first shards of a data set, None for all, and a missing template."""
    out.mkdir(parents=True, exist_ok=True)
    shards = sorted(data.glob("[0-9]*[0-9].npz"))[:shards]
    if not template_path.exists():
        points = read_points(shards[0])[:150]
        part = template_path.with_suffix(".part.npy")
        np.save(part, make_template(gather_rows(points, spread_points(points, PLACES))).numpy())
        part.replace(template_path)
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
    parser.add_argument("--template", type=Path, default=Path("template.npy"), help="created if missing")
    parser.add_argument("--shards", type=int, help="only the first files of DATA")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    make(arguments.data, arguments.out, arguments.shards, arguments.template)
