# SPDX-License-Identifier: GPL-3.0-or-later
"""Train the signed distance model of the small Point-E.

Run as `python -m scripts.training.train.point_e_sdf DATA OUT --minutes 25`.

The input clouds resemble those of the base and the upsampler. Some are exact clouds with jitter, of single points and
of groups of neighbors, and with uneven density; with --places, most are reconstructed by base and upsampler from the
coarse points of the shape.
"""

import argparse
from pathlib import Path

import torch

from blender_text3d.engine.point_e.mini import MINI_SDF
from blender_text3d.engine.point_e.voxel_sdf import VoxelPointCloudSDFModel

from ..data import distributed
from ..data.augmentation import load_stages, reconstruct_fine
from ..data.dataset import read
from ..data.ordered_clouds import Clouds
from .loop import Training, add_budget, add_device, average_of, prepare
from .optimizers import optimizers

SHARPNESS = 25.0
"""Distances saturate about a twentieth of a unit from the surface."""
JITTER, SHIFT = 0.025, 0.02
"""Maximum noise in model space, per point and per group of neighbors."""
COARSE = 256
"""Number of neighbor groups, similar to the fine points of the upsampler around each coarse point."""
MIN_POINTS = 512
"""Minimum number of points of a thinned cloud."""
DENSITY_VARIATION = 1.5
"""Log ratio of densities per unit along a random direction."""
RECONSTRUCTED_SHARE = 0.75
"""Share of batches with reconstructed clouds."""
KEYS = ("points", "queries", "distances")


def tensors(folder, limit):
    """Return the columns of a data set as tensors."""
    return {key: torch.from_numpy(value) for key, value in read(folder, KEYS, limit).items()}


def thin_cloud(points):
    """Thin clouds (B, N, 3) to (B, fewer, 3), denser on a random side."""
    along = points @ (DENSITY_VARIATION * torch.rand(len(points), 1, 1) * random_directions(len(points))).to(points)
    kept = int(torch.randint(MIN_POINTS, points.shape[1] + 1, ()))
    chance = torch.rand(points.shape[:2], device=points.device)
    order = (along[..., 0] - chance.log().neg().log()).topk(kept, dim=1).indices
    return points.gather(1, order[..., None].expand(-1, -1, 3))


def random_directions(count):
    """Return (count, 3, 1) random unit vectors."""
    directions = torch.randn(count, 3, 1)
    return directions / directions.norm(dim=1, keepdim=True)


def jitter_cloud(points):
    """Jitter clouds (B, N, 3), per point and per group of neighbors, with a random amount per cloud."""
    nearest = torch.cdist(points, points[:, :COARSE]).argmin(dim=2)
    shifts = noise(points[:, :COARSE], SHIFT).gather(1, nearest[..., None].expand(-1, -1, 3))
    return points + shifts + noise(points, JITTER)


def noise(points, most):
    """Return noise for clouds (B, N, 3) with a random scale per cloud, at most `most`."""
    return most * torch.rand(len(points), 1, 1, device=points.device) * torch.randn_like(points)


def loss_of(distances, truth):
    """Return the L1 plus squared error of tanh distances (B, M), positive inside."""
    error = torch.tanh(SHARPNESS * distances) - torch.tanh(SHARPNESS * truth)
    return error.abs().mean() + error.square().mean()


def batch_of(data, rows, reconstruct=None, device="cpu"):
    """Return (cloud (B, 3, N), queries (B, 3, M), distances (B, M), positive inside) of some shapes on a device."""
    if reconstruct and torch.rand(()) < RECONSTRUCTED_SHARE:
        cloud = reconstruct(rows)
    else:
        cloud = jitter_cloud(thin_cloud(data["points"][rows].to(device).float())).transpose(1, 2)
    places, distances = (data[key][rows].to(device).float() for key in ("queries", "distances"))
    return cloud, places.transpose(1, 2), -distances


class CloudReconstructor:
    """A reconstruction of clouds (B, 3, N) by base and upsampler, by row indices."""

    def __init__(self, data, places, limit, base=None, upsampler=None, device="cpu"):
        self.sources = base, upsampler, device
        self.model = load_stages(*self.sources)
        self.clouds = Clouds(data, places, self.model.conditioner.vocabulary, limit, device)

    def __call__(self, rows):
        _, placed, ids = self.clouds.at(rows)
        with torch.no_grad():
            condition = self.model.conditioner.encoder(ids)
        return reconstruct_fine(self.model, condition, placed)[:, :3]

    def reload(self):
        """Reload the checkpoints, since the upsampler may still be training."""
        self.model = load_stages(*self.sources)


@torch.no_grad()
def measure(sdf, data, jitter=0.0, limit=100, reconstruct=None):
    """Return the pooled IoU over the uniform queries of shapes with jittered or reconstructed clouds."""
    state = torch.get_rng_state()
    torch.manual_seed(0)
    both, either, device = 0, 0, next(sdf.parameters()).device
    for rows in torch.arange(min(limit, len(data["points"]))).split(20):
        cloud = data["points"][rows].to(device).float()
        cloud = reconstruct(rows) if reconstruct else (cloud + jitter * torch.randn_like(cloud)).transpose(1, 2)
        places = data["queries"][rows][:, 1024:].to(device).float()
        inside = sdf(cloud, places.transpose(1, 2)) > 0
        truth = data["distances"][rows][:, 1024:].to(device) < 0
        both, either = both + (inside & truth).sum().item(), either + (inside | truth).sum().item()
    torch.set_rng_state(state)
    return both / max(either, 1)


@torch.no_grad()
def initialize(sdf):
    """Scale the initial output to the range of distances that do not saturate."""
    sdf.output_proj.weight.mul_(1.0 / SHARPNESS)
    sdf.output_proj.bias.zero_()


def start(arguments):
    """Create the network and its training, resumed from an existing checkpoint."""
    sdf = VoxelPointCloudSDFModel(MINI_SDF)
    initialize(sdf)
    if arguments.start:
        sdf.load_state_dict(average_of(arguments.start, "sdf"))
    networks = {"sdf": sdf.to(arguments.device)}
    return Training(arguments.out, networks, optimizers(networks.values(), arguments.rate), decay=0.995)


def make_reconstructor(arguments):
    """Return a function that resamples clouds, if the options name ordered points."""
    if not arguments.places:
        return None
    stages = arguments.base, arguments.upsampler, arguments.device
    return CloudReconstructor(arguments.data, arguments.places, arguments.limit, *stages)


def train(arguments):
    """Train with the command line options."""
    prepare(arguments)
    data, test = tensors(arguments.data, arguments.limit), tensors(arguments.test, 500)
    training = start(arguments)
    (sdf,) = training.networks.values()
    reconstruct = make_reconstructor(arguments)
    for is_due in training.rounds(arguments):
        rows = torch.randint(len(data["points"]), (arguments.batch,))
        cloud, places, truth = batch_of(data, rows, reconstruct, arguments.device)
        with torch.autocast(torch.device(arguments.device).type, torch.bfloat16, enabled=arguments.bfloat16):
            encoded = sdf.encode(cloud)
        training.step(loss_of(sdf.query(places, encoded), truth), arguments.batch)
        if is_due:
            (average,) = training.running_averages().values()
            training.report(f"test IoU {measure(average, test):.4f} jittered {measure(average, test, 0.02):.4f}")
            if reconstruct:
                reconstruct.reload()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--test", type=Path, required=True, help="test data set")
    parser.add_argument("--start", type=Path, help="initial checkpoint, of fewer minutes")
    parser.add_argument(
        "--places", type=Path, help="point order from scripts.training.data.point_ordering, for reconstructed clouds"
    )
    parser.add_argument(
        "--base", type=Path, help="checkpoint of the base that reconstructs them; default: the included one"
    )
    parser.add_argument("--upsampler", type=Path, help="checkpoint of the upsampler, reloaded during training")
    add_budget(parser, 25)
    parser.add_argument("--batch", type=int, default=4)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--bfloat16", action="store_true", help="twice as fast on CPUs with bfloat16, and for GPUs")
    parser.add_argument("--every", type=float, default=60)
    parser.add_argument("--limit", type=int, default=20_000)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    add_device(parser)
    distributed.add_arguments(parser)
    distributed.run(train, parser.parse_args())
