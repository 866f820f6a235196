# SPDX-License-Identifier: GPL-3.0-or-later
"""Trains the small Point-E's signed distance model: `python -m mini.train_point_e_sdf DATA OUT --minutes 18`.

Half of the clouds are as the base and the upsampler leave them: the shape's own, but with points a little off, denser
here and thinner there.
"""

import argparse
from pathlib import Path

import torch

from blender_text3d.engine.point_e.mini import MINI_SDF, SDF_POINTS
from blender_text3d.engine.point_e.sdf import CrossAttentionPointCloudSDFModel

from . import parallel
from .dataset import read
from .optimizing import optimizers
from .training import Training

SHARPNESS = 12.5
"""Distances count up to about a tenth of a unit from the surface."""
NEARNESS = 2.5
"""How much larger than usual the weights of queries and keys begin."""
JITTER = 0.025
KEYS = ("points", "queries", "distances")


def tensors(folder, limit):
    """A data set's columns as tensors."""
    return {key: torch.from_numpy(value) for key, value in read(folder, KEYS, limit).items()}


def some_points(points, count):
    """[B, count, 3] random points of clouds [B, N, 3], each under its own amount of noise."""
    picked = points[:, torch.randperm(points.shape[1])[:count]]
    return picked + torch.rand(len(points), 1, 1) * JITTER * torch.randn_like(picked)


def loss_of(distances, truth):
    """L1 and squared error of squashed distances [B, M], positive inside both."""
    error = torch.tanh(SHARPNESS * distances) - torch.tanh(SHARPNESS * truth)
    return error.abs().mean() + error.square().mean()


def batch_of(data, rows, points, queries):
    """(cloud [B, 3, N], queries [B, 3, M], distances [B, M], positive inside) of some shapes."""
    columns = torch.randperm(data["queries"].shape[1])[:queries]
    cloud = some_points(data["points"][rows].float(), points)
    places, distances = data["queries"][rows][:, columns].float(), -data["distances"][rows][:, columns].float()
    return cloud.transpose(1, 2), places.transpose(1, 2), distances


@torch.no_grad()
def measure(sdf, data, jitter=0.0, limit=200):
    """IoU over the queries drawn uniformly, of all shapes together."""
    state = torch.get_rng_state()
    torch.manual_seed(0)
    both = either = 0
    for rows in torch.arange(limit).split(20):
        cloud = data["points"][rows][:, :SDF_POINTS].float()
        cloud = cloud + jitter * torch.randn_like(cloud)
        places = data["queries"][rows][:, 1024:].float()
        inside = sdf(cloud.transpose(1, 2), places.transpose(1, 2)) > 0
        truth = data["distances"][rows][:, 1024:] < 0
        both, either = both + (inside & truth).sum().item(), either + (inside | truth).sum().item()
    torch.set_rng_state(state)
    return both / either


def alike(query, key):
    """Lets queries ask from the start for keys that lie where they are: [heads, d, D] weights of both."""
    query.copy_(NEARNESS * query)
    key.copy_(query)


@torch.no_grad()
def initialize(sdf):
    """Attention begins with what is near, as queries and points are embedded alike; the output begins near zero."""
    sdf.decoder_input_proj.load_state_dict(sdf.encoder_input_proj.state_dict())
    for block in sdf.encoder.resblocks:
        parts = block.attn.c_qkv.weight.view(block.attn.heads, 3, -1, sdf.config.width)
        alike(parts[:, 0], parts[:, 1])
    for block in sdf.decoder.resblocks:
        heads = block.attn.heads
        pair = block.attn.c_kv.weight.view(heads, 2, -1, sdf.config.width)
        alike(block.attn.c_q.weight.view(heads, -1, sdf.config.width), pair[:, 0])
    torch.nn.init.normal_(sdf.output_proj.weight, std=0.1 / SHARPNESS / sdf.config.width**0.5)
    torch.nn.init.zeros_(sdf.output_proj.bias)


def start(arguments):
    """The network and its training, from the checkpoint if there is one."""
    sdf = CrossAttentionPointCloudSDFModel(MINI_SDF)
    initialize(sdf)
    networks = {"sdf": sdf}
    return Training(arguments.out, networks, optimizers(networks.values(), arguments.rate), decay=0.995)


def train(arguments):
    """The whole run."""
    torch.manual_seed(arguments.seed)
    torch.set_num_threads(arguments.threads)
    data, test = tensors(arguments.data, arguments.limit), tensors(arguments.test, 500)
    training = start(arguments)
    (sdf,) = training.networks.values()
    for is_due in training.rounds(arguments.minutes, arguments.every):
        rows = torch.randint(len(data["points"]), (arguments.batch,))
        cloud, places, truth = batch_of(data, rows, arguments.points, arguments.queries)
        training.step(loss_of(sdf(cloud, places), truth), arguments.batch)
        if is_due:
            (average,) = training.averaged().values()
            training.report(f"test IoU {measure(average, test):.4f} jittered {measure(average, test, 0.02):.4f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--test", type=Path, required=True, help="a data set never trained on")
    parser.add_argument("--minutes", type=float, default=18)
    parser.add_argument("--batch", type=int, default=4)
    parser.add_argument("--points", type=int, default=256, help="fewer than are read later; it carries over")
    parser.add_argument("--queries", type=int, default=192)
    parser.add_argument("--rate", type=float, default=1e-3)
    parser.add_argument("--every", type=float, default=60)
    parser.add_argument("--limit", type=int, default=40_000)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    parallel.add_arguments(parser)
    parallel.run(train, parser.parse_args())
