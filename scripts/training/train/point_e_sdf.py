# SPDX-License-Identifier: GPL-3.0-or-later
"""Trains the small Point-E's signed distance model.

Run as `python -m scripts.training.train.point_e_sdf DATA OUT --minutes 25`.

The clouds are as the base and the upsampler leave them. Some are the shape's own, with points a little off, alone and
together with their neighbors, denser here and thinner there; where PLACES are given, most have really been made again
by base and upsampler from the shape's coarse points.
"""

import argparse
from pathlib import Path

import torch

from blender_text3d.engine.point_e.mini import MINI_SDF
from blender_text3d.engine.point_e.voxel_sdf import VoxelPointCloudSDFModel

from ..data import distributed
from ..data.augmentation import makers, remade_fine
from ..data.dataset import read
from ..data.ordered_clouds import Clouds
from .loop import Training, average_of
from .optimizers import optimizers

SHARPNESS = 25.0
"""Distances count up to about a twentieth of a unit from the surface."""
JITTER, SHIFT = 0.025, 0.02
"""Most noise, in model space: of each point, and of neighbors together."""
COARSE = 256
"""Neighbours are the points nearest to one of so many, as the upsampler puts several around each coarse one."""
FEWEST = 512
"""Points that the thinnest cloud keeps."""
UNEVENNESS = 1.5
"""How much likelier a point is kept than another one farther along some direction: e^(this) times a unit."""
REMADE = 0.75
"""How many batches are of clouds made again."""
KEYS = ("points", "queries", "distances")


def tensors(folder, limit):
    """A data set's columns as tensors."""
    return {key: torch.from_numpy(value) for key, value in read(folder, KEYS, limit).items()}


def thinned(points):
    """(B, N, 3) -> (B, fewer, 3), of each cloud more on one side than on the other."""
    along = points @ (UNEVENNESS * torch.rand(len(points), 1, 1) * random_directions(len(points)))
    kept = int(torch.randint(FEWEST, points.shape[1] + 1, ()))
    order = (along[..., 0] - torch.rand(points.shape[:2]).log().neg().log()).topk(kept, dim=1).indices
    return points.gather(1, order[..., None].expand(-1, -1, 3))


def random_directions(count):
    """[count, 3, 1] of unit length."""
    directions = torch.randn(count, 3, 1)
    return directions / directions.norm(dim=1, keepdim=True)


def jittered(points):
    """Clouds (B, N, 3) with points moved, alone and with their neighbors, by amounts of noise of each cloud's own."""
    nearest = torch.cdist(points, points[:, :COARSE]).argmin(dim=2)
    shifts = noise(points[:, :COARSE], SHIFT).gather(1, nearest[..., None].expand(-1, -1, 3))
    return points + shifts + noise(points, JITTER)


def noise(points, most):
    """Noise for clouds (B, N, 3); each cloud has its own amount, at most `most`."""
    return most * torch.rand(len(points), 1, 1) * torch.randn_like(points)


def loss_of(distances, truth):
    """L1 and squared error of squashed distances (B, M), positive inside both."""
    error = torch.tanh(SHARPNESS * distances) - torch.tanh(SHARPNESS * truth)
    return error.abs().mean() + error.square().mean()


def batch_of(data, rows, remade=None):
    """(cloud (B, 3, N), queries (B, 3, M), distances (B, M), positive inside) of some shapes."""
    if remade and torch.rand(()) < REMADE:
        cloud = remade(rows)
    else:
        cloud = jittered(thinned(data["points"][rows].float())).transpose(1, 2)
    places, distances = data["queries"][rows].float(), -data["distances"][rows].float()
    return cloud, places.transpose(1, 2), distances


class Remade:
    """Rows -> clouds (B, 3, N) that base and upsampler have made again."""

    def __init__(self, data, places, limit, base=None, upsampler=None):
        self.checkpoints = base, upsampler
        self.model = makers(base, upsampler)
        self.clouds = Clouds(data, places, self.model.conditioner.vocabulary, limit)

    def __call__(self, rows):
        _, placed, ids = self.clouds.at(rows)
        with torch.no_grad():
            condition = self.model.conditioner.encoder(ids)
        return remade_fine(self.model, condition, placed)[:, :3]

    def renew(self):
        """Reads the checkpoints again: the upsampler may have learned meanwhile."""
        self.model = makers(*self.checkpoints)


@torch.no_grad()
def measure(sdf, data, jitter=0.0, limit=100, remade=None):
    """IoU over the queries drawn uniformly, of all shapes together, whose clouds are jittered or made again."""
    state = torch.get_rng_state()
    torch.manual_seed(0)
    both = either = 0
    for rows in torch.arange(limit).split(20):
        cloud = data["points"][rows].float()
        cloud = remade(rows) if remade else (cloud + jitter * torch.randn_like(cloud)).transpose(1, 2)
        places = data["queries"][rows][:, 1024:].float()
        inside = sdf(cloud, places.transpose(1, 2)) > 0
        truth = data["distances"][rows][:, 1024:] < 0
        both, either = both + (inside & truth).sum().item(), either + (inside | truth).sum().item()
    torch.set_rng_state(state)
    return both / either


@torch.no_grad()
def initialize(sdf):
    """The output begins small, in units of the distances that count."""
    sdf.output_proj.weight.mul_(1.0 / SHARPNESS)
    sdf.output_proj.bias.zero_()


def start(arguments):
    """The network and its training, from the checkpoint if there is one."""
    sdf = VoxelPointCloudSDFModel(MINI_SDF)
    initialize(sdf)
    if arguments.start:
        sdf.load_state_dict(average_of(arguments.start, "sdf"))
    networks = {"sdf": sdf}
    return Training(arguments.out, networks, optimizers(networks.values(), arguments.rate), decay=0.995)


def remade_as_told(arguments):
    """Return a function that resamples clouds, if the options name ordered points."""
    if not arguments.places:
        return None
    return Remade(arguments.data, arguments.places, arguments.limit, arguments.base, arguments.upsampler)


def train(arguments):
    """The whole run."""
    torch.manual_seed(arguments.seed)
    torch.set_num_threads(arguments.threads)
    data, test = tensors(arguments.data, arguments.limit), tensors(arguments.test, 500)
    training = start(arguments)
    (sdf,) = training.networks.values()
    remade = remade_as_told(arguments)
    for is_due in training.rounds(arguments.minutes, arguments.every):
        rows = torch.randint(len(data["points"]), (arguments.batch,))
        cloud, places, truth = batch_of(data, rows, remade)
        with torch.autocast("cpu", torch.bfloat16, enabled=arguments.bfloat16):
            encoded = sdf.encode(cloud)
        training.step(loss_of(sdf.query(places, encoded), truth), arguments.batch)
        if is_due:
            (average,) = training.averaged().values()
            training.report(f"test IoU {measure(average, test):.4f} jittered {measure(average, test, 0.02):.4f}")
            if remade:
                remade.renew()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--test", type=Path, required=True, help="a data set never trained on")
    parser.add_argument("--start", type=Path, help="checkpoint to begin with, of fewer minutes")
    parser.add_argument(
        "--places", type=Path, help="what scripts.training.data.point_ordering wrote of the data, for clouds made again"
    )
    parser.add_argument("--base", type=Path, help="checkpoint of the base that makes them; else the shipped one")
    parser.add_argument("--upsampler", type=Path, help="checkpoint of the upsampler, read again as it learns")
    parser.add_argument("--minutes", type=float, default=25)
    parser.add_argument("--batch", type=int, default=4)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--bfloat16", action="store_true", help="twice as fast where the processor has it")
    parser.add_argument("--every", type=float, default=60)
    parser.add_argument("--limit", type=int, default=20_000)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    distributed.add_arguments(parser)
    distributed.run(train, parser.parse_args())
