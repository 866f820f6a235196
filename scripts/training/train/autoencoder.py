# SPDX-License-Identifier: GPL-3.0-or-later
"""Train the small Shap-E's encoder and decoder.

Run as `python -m scripts.training.train.autoencoder DATA TEST OUT --minutes 45`.

A checkpoint is written every few minutes, and the same command resumes from it; the learning rate schedule follows the
elapsed share of the minutes. With --start and --anchor, a trained pair is refined with nearly unchanged latents, so a
trained prior remains valid.
"""

import argparse
from pathlib import Path

import numpy as np
import torch

from blender_text3d.engine.shap_e.configs import MINI_DECODER, MINI_ENCODER
from blender_text3d.engine.shap_e.decoder import VectorDecoder
from blender_text3d.engine.shap_e.encoder import PointCloudEncoder

from ..data import distributed
from ..data.dataset import SHARD, read
from .accelerate import accelerated
from .accelerate import add_arguments as add_acceleration
from .loop import Training, add_budget, add_device, average_of, prepare
from .optimizers import optimizers

SHARPNESS = 12.5
"""The field is tanh(-SHARPNESS * distance): it saturates a tenth of a unit from the surface."""
ANCHOR_WEIGHT = 2.0
LATENT_NOISE = 0.05
KEYS = ("points", "colors", "queries", "distances", "query_colors")


def initialize(encoder, decoder):
    """Initialize generated weights with the variance of an ordinary layer."""
    for project in decoder.params_proj.projections.values():
        torch.nn.init.normal_(project.proj.weight, std=0.6 / project.proj.in_features**0.5)
        torch.nn.init.normal_(project.proj.bias, std=0.5 / project.channels**0.5)
        torch.nn.init.constant_(project.norm.weight, 1.0 / project.channels**0.5)
    for layer in decoder.renderer["nerstf"].mlp[1:-1]:
        torch.nn.init.normal_(layer.weight, std=1.6 / layer.in_features**0.5)
    torch.nn.init.normal_(encoder.output_proj.weight, std=0.7 / encoder.config.width**0.5)


def batch_of(data, rows, points, queries, device):
    """Return random points and queries of some shapes as float tensors."""

    def subset(keys, count):
        total = data[keys[0]].shape[1]
        columns = torch.randperm(total)[:count]
        return [data[key][rows][:, columns].to(device).float() for key in keys]

    cloud, cloud_colors = subset(("points", "colors"), points)
    query_points, distances, colors = subset(("queries", "distances", "query_colors"), queries)
    return cloud, cloud_colors / 255, query_points, distances, colors / 255


def loss_of(channels, distances, colors):
    """Return the field error (L1 + MSE) plus, near the surface, the color error (half L1 + MSE)."""
    field, target = torch.tanh(channels[..., 0]), torch.tanh(-SHARPNESS * distances)
    near = (distances.abs() < 0.08).float()[..., None]
    difference = (torch.sigmoid(channels[..., 3:6]) - colors) * near
    error = field - target
    per_color = 3 * near.sum().clamp(min=1)
    color_loss = (0.5 * difference.abs().sum() + difference.square().sum()) / per_color
    return error.abs().mean() + error.square().mean() + 2.5 * color_loss


@torch.no_grad()
def measure(encoder, decoder, data, device, limit=400):
    """Return (IoU over the uniform queries, mean color error near the surface)."""
    both = either = wrong = near_count = 0.0
    for start in range(0, min(limit, len(data["points"])), 20):
        rows = slice(start, start + 20)
        cloud, cloud_colors = data["points"][rows].to(device).float(), data["colors"][rows].to(device).float() / 255
        query_points, distances = data["queries"][rows].to(device).float(), data["distances"][rows].to(device).float()
        channels = decoder(encoder(cloud[:, :512], cloud_colors[:, :512]), query_points)
        inside, truth = channels[:, 1024:, 0] > 0, distances[:, 1024:] < 0
        both, either = both + (inside & truth).sum().item(), either + (inside | truth).sum().item()
        near = (distances.abs() < 0.08).float()[..., None]
        colors = data["query_colors"][rows].to(device).float() / 255
        wrong += ((torch.sigmoid(channels[..., 3:6]) - colors).abs() * near).sum().item()
        near_count += 3 * near.sum().item()
    return both / max(either, 1), wrong / max(near_count, 1)


def start(arguments):
    """Create the networks and their training, resumed from an existing checkpoint."""
    encoder, decoder = PointCloudEncoder(MINI_ENCODER), VectorDecoder(MINI_DECODER)
    initialize(encoder, decoder)
    if arguments.start:
        encoder.load_state_dict(average_of(arguments.start[0], "encoder"))
        decoder.load_state_dict(average_of(arguments.start[1], "decoder"))
    networks = {"encoder": encoder.to(arguments.device), "decoder": decoder.to(arguments.device)}
    chosen = optimizers(networks.values(), arguments.rate, arguments.muon_rate)
    return Training(arguments.out, networks, chosen, decay=0.998)


def train(arguments):
    """Train with the command line options."""
    prepare(arguments)
    data, test = tensors(arguments.data, arguments.limit), tensors(arguments.test, 1000)
    training = start(arguments)
    encoder, decoder = training.networks.values()
    anchor = torch.from_numpy(np.load(arguments.anchor)["latents"]) if arguments.anchor else None

    def reconstruct(cloud, cloud_colors, noise, query_points, distances, colors):
        latent = encoder(cloud, cloud_colors).float()
        channels = decoder(latent + LATENT_NOISE * noise, query_points).float()
        return loss_of(channels, distances, colors), latent

    reconstruct = accelerated(reconstruct, arguments)
    for is_due in training.rounds(arguments):
        rows = torch.randint(len(data["points"]), (arguments.batch,))
        cloud, cloud_colors, *truth = batch_of(data, rows, arguments.points, arguments.queries, arguments.device)
        noise = torch.randn(len(rows), encoder.config.tokens * encoder.config.d_token, device=arguments.device)
        loss, latent = reconstruct(cloud, cloud_colors, noise, *truth)
        if anchor is not None:
            loss = loss + ANCHOR_WEIGHT * (latent - anchor[rows].to(latent)).square().mean()
        training.step(loss, arguments.batch)
        if is_due:
            iou, color = measure(*training.running_averages().values(), test, arguments.device)
            training.report(f"test IoU {iou:.4f} color {color:.4f}")
            data = with_new_shards(data, arguments)


def tensors(folder, limit=None):
    """Return the columns of a data set as tensors."""
    return {key: torch.from_numpy(value) for key, value in read(folder, KEYS, limit).items()}


def with_new_shards(data, arguments):
    """Return the data, reloaded if the data set has grown."""
    if arguments.limit or len(list(arguments.data.glob("[0-9]*[0-9].npz"))) * SHARD <= len(data["points"]):
        return data
    return tensors(arguments.data)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("test", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument(
        "--start",
        type=Path,
        nargs=2,
        metavar=("AUTOENCODER", "DECODER"),
        help="initial checkpoints",
    )
    parser.add_argument("--anchor", type=Path, help="latents of DATA that the encoder should preserve")
    add_budget(parser, 45)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--points", type=int, default=384)
    parser.add_argument("--queries", type=int, default=1024)
    parser.add_argument("--rate", type=float, default=1.5e-3)
    parser.add_argument("--muon-rate", type=float, default=None)
    parser.add_argument("--every", type=float, default=60)
    parser.add_argument("--limit", type=int, default=None)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    add_device(parser)
    add_acceleration(parser)
    distributed.add_arguments(parser)
    distributed.run(train, parser.parse_args())
