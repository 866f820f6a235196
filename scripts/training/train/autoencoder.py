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
NEAR = 0.08
"""Distance to the surface up to which colors in space count."""
COLOR_WEIGHT = 1.25
"""Weight of the colors near the surface in space, and of those on it."""
MAX_RARITY, RARE = 6.0, 3.5
"""Largest weight of a surface point, and that from which on its color is rare: that of a twelfth of the points."""
WRONG_COLOR = 0.15
"""Mean error of the channels from which on a color is another one."""
ANCHOR_WEIGHT = 2.0
LATENT_NOISE = 0.03
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


def batch_of(data, rows, arguments):
    """Return what the encoder sees of some shapes, and what the decoder is asked for, as float tensors.

    Returns:
        (points, colors) of `arguments.points` points of the surface; (places, colors, weights) of `arguments.surface`
        others, some of which may be the same; (points, distances, colors) of `arguments.queries` points in space.
    """

    def subset(keys, columns):
        return [data[key][rows][:, columns].to(arguments.device).float() for key in keys]

    order = torch.randperm(data["points"].shape[1])
    seen, asked = order[: arguments.points], order[-arguments.surface :]
    cloud, cloud_colors = subset(("points", "colors"), seen)
    places, place_colors = subset(("points", "colors"), asked)
    weights = rarity(data["colors"][rows])[:, asked].to(arguments.device)
    queries = torch.randperm(data["queries"].shape[1])[: arguments.queries]
    query_points, distances, colors = subset(("queries", "distances", "query_colors"), queries)
    surface = places, place_colors / 255, weights
    return (cloud, cloud_colors / 255), surface, (query_points, distances, colors / 255)


def rarity(colors):
    """Return weights (B, N) of points with colors (B, N, 3) uint8: how rare each color is among those of its shape.

    Two eyes are a hundredth of a cat: without weights, a cat without eyes is nearly as good. The weight is one over the
    root of the color's share, at most `MAX_RARITY`; colors are alike if the upper four bits of each channel are.
    """
    red, green, blue = (colors.long() >> 4).unbind(-1)
    count, total = colors.shape[:2]
    bins = (red * 16 + green) * 16 + blue + 4096 * torch.arange(count, device=colors.device)[:, None]
    same = torch.bincount(bins.flatten(), minlength=4096 * count)[bins]
    return (total / same.float()).sqrt().clamp(max=MAX_RARITY)


def loss_of(channels, distances, colors, color_weight=2 * COLOR_WEIGHT):
    """Return the field error (L1 + MSE) plus, near the surface, the color error (half L1 + MSE)."""
    error = torch.tanh(channels[..., 0]) - torch.tanh(-SHARPNESS * distances)
    near = (distances.abs() < NEAR).float()[..., None]
    difference = (torch.sigmoid(channels[..., 3:6]) - colors) * near
    color_loss = color_size(difference).sum() / (3 * near.sum().clamp(min=1))
    return error.abs().mean() + error.square().mean() + color_weight * color_loss


def surface_loss_of(channels, colors, weights):
    """Return the color error of points on the surface, with weights (B, N).

    The field counts in space alone: one that is to be 0 at such points, too, becomes flat there, and the surface has
    ridges.
    """
    difference = torch.sigmoid(channels[..., 3:6]) - colors
    return COLOR_WEIGHT * (color_size(difference) * weights[..., None]).mean()


def color_size(difference):
    """Return half the absolute values plus the squares."""
    return 0.5 * difference.abs() + difference.square()


@torch.no_grad()
def measure(encoder, decoder, data, device, limit=400):
    """Return (IoU over the uniform queries, mean color error on the surface, share of rare colors that are wrong)."""
    both = either = 0.0
    errors, are_rare = [], []
    for start in range(0, min(limit, len(data["points"])), 20):
        rows = slice(start, start + 20)
        cloud, cloud_colors = data["points"][rows].to(device).float(), data["colors"][rows].to(device).float() / 255
        query_points, distances = data["queries"][rows].to(device).float(), data["distances"][rows].to(device).float()
        latents = encoder(cloud[:, :512], cloud_colors[:, :512])
        inside, truth = decoder(latents, query_points)[:, 1024:, 0] > 0, distances[:, 1024:] < 0
        both, either = both + (inside & truth).sum().item(), either + (inside | truth).sum().item()
        found = torch.sigmoid(decoder(latents, cloud)[..., 3:6])
        errors.append((found - cloud_colors).abs().mean(-1))
        are_rare.append(rarity(data["colors"][rows]).to(device) > RARE)
    error, is_rare = torch.cat(errors), torch.cat(are_rare)
    wrong = (error[is_rare] > WRONG_COLOR).float()
    return both / max(either, 1), error.mean().item(), wrong.sum().item() / max(len(wrong), 1)


def report_of(figures):
    """Return the figures of `measure` as a text."""
    return "test IoU {:.4f} color {:.4f} wrong rare colors {:.4f}".format(*figures)


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

    def reconstruct(cloud, cloud_colors, noise, surface, queries):
        latent = encoder(cloud, cloud_colors).float()
        points = torch.cat([surface[0], queries[0]], dim=1)
        channels = decoder(latent + LATENT_NOISE * noise, points).float()
        on_surface, in_space = channels.split([surface[0].shape[1], queries[0].shape[1]], dim=1)
        loss = surface_loss_of(on_surface, *surface[1:]) + loss_of(in_space, *queries[1:], color_weight=COLOR_WEIGHT)
        return loss, latent

    reconstruct = accelerated(reconstruct, arguments)
    for is_due in training.rounds(arguments):
        rows = torch.randint(len(data["points"]), (arguments.batch,))
        cloud, surface, queries = batch_of(data, rows, arguments)
        noise = torch.randn(len(rows), encoder.config.tokens * encoder.config.d_token, device=arguments.device)
        loss, latent = reconstruct(*cloud, noise, surface, queries)
        if anchor is not None:
            loss = loss + ANCHOR_WEIGHT * (latent - anchor[rows].to(latent)).square().mean()
        training.step(loss, arguments.batch)
        if is_due:
            figures = measure(*training.running_averages().values(), test, arguments.device)
            training.report(report_of(figures))
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
    parser.add_argument("--points", type=int, default=768, help="points of the surface that the encoder sees")
    parser.add_argument("--surface", type=int, default=512, help="points of the surface that the decoder is asked for")
    parser.add_argument("--queries", type=int, default=1024, help="points in space that the decoder is asked for")
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
