# SPDX-License-Identifier: GPL-3.0-or-later
"""Trains the small Shap-E's encoder and decoder.

Run as `python -m scripts.training.train.autoencoder DATA TEST OUT --minutes 45`.

The checkpoint is written every few minutes and taken up again when the command is repeated; the learning rate follows
the share of the minutes that is spent. With --start and --anchor a trained pair gets sharper while its latents stay
where a prior has learned them.
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
from .loop import Training, average_of
from .optimizers import optimizers

SHARPNESS = 12.5
"""The field is tanh(-SHARPNESS * distance): it saturates a tenth of a unit from the surface."""
ANCHOR_WEIGHT = 2.0
KEYS = ("points", "colors", "queries", "distances", "query_colors")


def initialize(encoder, decoder):
    """Starting values: generated weights spread like an ordinary layer's."""
    for project in decoder.params_proj.projections.values():
        torch.nn.init.normal_(project.proj.weight, std=0.6 / project.proj.in_features**0.5)
        torch.nn.init.normal_(project.proj.bias, std=0.5 / project.channels**0.5)
        torch.nn.init.constant_(project.norm.weight, 1.0 / project.channels**0.5)
    for layer in decoder.renderer["nerstf"].mlp[1:-1]:
        torch.nn.init.normal_(layer.weight, std=1.6 / layer.in_features**0.5)
    torch.nn.init.normal_(encoder.output_proj.weight, std=0.7 / encoder.config.width**0.5)


def batch_of(data, rows, points, queries, device):
    """Random points and queries of some shapes, as float tensors."""

    def some(keys, count):
        total = data[keys[0]].shape[1]
        columns = torch.randperm(total)[:count]
        return [data[key][rows][:, columns].to(device).float() for key in keys]

    cloud, cloud_colors = some(("points", "colors"), points)
    places, distances, colors = some(("queries", "distances", "query_colors"), queries)
    return cloud, cloud_colors / 255, places, distances, colors / 255


def loss_of(channels, distances, colors):
    """Field error (L1 + MSE) and, near the surface, color error (half L1 + MSE)."""
    field, target = torch.tanh(channels[..., 0]), torch.tanh(-SHARPNESS * distances)
    near = (distances.abs() < 0.08).float()[..., None]
    difference = (torch.sigmoid(channels[..., 3:6]) - colors) * near
    error = field - target
    per_color = 3 * near.sum().clamp(min=1)
    color_loss = (0.5 * difference.abs().sum() + difference.square().sum()) / per_color
    return error.abs().mean() + error.square().mean() + 2.5 * color_loss


@torch.no_grad()
def measure(encoder, decoder, data, device, limit=400):
    """(IoU over the queries drawn uniformly, mean color error near the surface)."""
    both = either = wrong = near_count = 0.0
    for start in range(0, limit, 20):
        rows = slice(start, start + 20)
        cloud, cloud_colors = data["points"][rows].to(device).float(), data["colors"][rows].to(device).float() / 255
        places, distances = data["queries"][rows].to(device).float(), data["distances"][rows].to(device).float()
        channels = decoder(encoder(cloud[:, :512], cloud_colors[:, :512]), places)
        inside, truth = channels[:, 1024:, 0] > 0, distances[:, 1024:] < 0
        both, either = both + (inside & truth).sum().item(), either + (inside | truth).sum().item()
        near = (distances.abs() < 0.08).float()[..., None]
        colors = data["query_colors"][rows].to(device).float() / 255
        wrong += ((torch.sigmoid(channels[..., 3:6]) - colors).abs() * near).sum().item()
        near_count += 3 * near.sum().item()
    return both / either, wrong / near_count


def start(arguments):
    """The networks and their training, from the checkpoint if there is one."""
    encoder, decoder = PointCloudEncoder(MINI_ENCODER), VectorDecoder(MINI_DECODER)
    initialize(encoder, decoder)
    if arguments.start:
        encoder.load_state_dict(average_of(arguments.start[0], "encoder"))
        decoder.load_state_dict(average_of(arguments.start[1], "decoder"))
    networks = {"encoder": encoder.to(arguments.device), "decoder": decoder.to(arguments.device)}
    chosen = optimizers(networks.values(), arguments.rate, arguments.muon_rate)
    return Training(arguments.out, networks, chosen, decay=0.998)


def train(arguments):
    """The whole run."""
    torch.manual_seed(arguments.seed)
    torch.set_num_threads(arguments.threads)
    data, test = tensors(arguments.data, arguments.limit), tensors(arguments.test, 1000)
    training = start(arguments)
    encoder, decoder = training.networks.values()
    anchor = torch.from_numpy(np.load(arguments.anchor)["latents"]) if arguments.anchor else None
    for is_due in training.rounds(arguments.minutes, arguments.every):
        rows = torch.randint(len(data["points"]), (arguments.batch,))
        cloud, cloud_colors, *truth = batch_of(data, rows, arguments.points, arguments.queries, arguments.device)
        latent = encoder(cloud, cloud_colors)
        channels = decoder(latent + 0.05 * torch.randn_like(latent), truth[0])
        loss = loss_of(channels, *truth[1:])
        if anchor is not None:
            loss = loss + ANCHOR_WEIGHT * (latent - anchor[rows].to(latent)).square().mean()
        training.step(loss, arguments.batch)
        if is_due:
            iou, color = measure(*training.averaged().values(), test, arguments.device)
            training.report(f"test IoU {iou:.4f} colour {color:.4f}")
            data = with_new_shards(data, arguments)


def tensors(folder, limit=None):
    """A data set's columns as tensors."""
    return {key: torch.from_numpy(value) for key, value in read(folder, KEYS, limit).items()}


def with_new_shards(data, arguments):
    """The data, read again where more has been made meanwhile."""
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
        help="checkpoints to begin with",
    )
    parser.add_argument("--anchor", type=Path, help="latents of DATA that the encoder must stay near to")
    parser.add_argument("--minutes", type=float, default=45)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--points", type=int, default=384)
    parser.add_argument("--queries", type=int, default=1024)
    parser.add_argument("--rate", type=float, default=1.5e-3)
    parser.add_argument("--muon-rate", type=float, default=None)
    parser.add_argument("--every", type=float, default=60)
    parser.add_argument("--limit", type=int, default=None)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    distributed.add_arguments(parser)
    distributed.run(train, parser.parse_args())
