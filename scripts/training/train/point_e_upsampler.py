# SPDX-License-Identifier: GPL-3.0-or-later
"""Train the upsampler of the small Point-E.

Run as `python -m scripts.training.train.point_e_upsampler DATA PLACES BASE OUT --minutes 18`.

Sampling starts at the coarse points with a low noise level, so the network learns to move several points around each
coarse point onto the surface. It predicts the noise, as in Point-E. BASE is the checkpoint of
`scripts.training.train.point_e_base`: it reconstructs the coarse points, so that their errors match those of sampling,
and its text encoder stays frozen.
"""

import argparse
from pathlib import Path

import torch

from blender_text3d.engine.diffusion.schedule import Schedule
from blender_text3d.engine.point_e.grouped_transformer import GroupedUpsampler
from blender_text3d.engine.point_e.mini import FINE_POINTS, MINI_UPSAMPLER

from ..data import distributed
from ..data.augmentation import load_base, reconstruct_coarse
from ..data.ordered_clouds import Clouds, scale_clouds
from .loop import Training, add_budget, add_device, average_of, prepare
from .optimizers import optimizers
from .point_e_base import initialize, noisy, stratified_timesteps
from .prior import CAPTION_DROPOUT

SCHEDULE, SIGMA_MAX = "linear", 0.3
NOISE_FLOOR = 0.05
"""Noise level below which noise and point spacing are indistinguishable, so the weight decreases."""


def select_fine_points(coarse, cloud, each):
    """Return (B, 6, M each): random points of the cloud (B, 6, N) among the nearest to every coarse point."""
    distances = torch.cdist(coarse[:, :3].transpose(1, 2), cloud[:, :3].transpose(1, 2))
    nearest = distances.topk(each + each // 2, dim=2, largest=False, sorted=False).indices
    picked = nearest.gather(2, torch.rand(nearest.shape, device=nearest.device).argsort(dim=2)[..., :each]).flatten(1)
    return cloud.gather(2, picked[:, None].expand(-1, 6, -1))


def loss_of(upsampler, condition, coarse, fine, alphas_cumprod):
    """Return the (B,) weighted squared error of the noise.

    Args:
        upsampler: the network.
        condition: encoded captions (B, K, T).
        coarse: (B, 6, M) in model space and RGB 0..255.
        fine: (B, 6, N) scaled.
        alphas_cumprod: signal levels of the schedule.
    """
    last = int((alphas_cumprod > 1 / (1 + SIGMA_MAX**2)).sum())
    t = stratified_timesteps(len(fine), last)
    noise, alpha_bar, t = torch.randn_like(fine), alphas_cumprod[t].float().to(fine.device), t.to(fine.device)
    error = (upsampler(noisy(fine, noise, alpha_bar), t, condition, coarse) - noise).square().mean((1, 2))
    return error * ((1 - alpha_bar) / NOISE_FLOOR**2).clamp(max=1.0)


def batch_loss(upsampler, model, clouds, rows, alphas_cumprod):
    """Return `loss_of` some shapes with random captions and coarse points reconstructed by the base."""
    cloud, placed, ids = clouds.at(rows)
    with torch.no_grad():
        condition = model.conditioner.encoder(ids)
    coarse = reconstruct_coarse(model, condition, placed)
    fine = scale_clouds(select_fine_points(coarse, cloud, FINE_POINTS // coarse.shape[2]))
    condition = condition * (torch.rand(len(rows), 1, 1) > CAPTION_DROPOUT).to(condition.device)
    return loss_of(upsampler, condition, coarse, fine, alphas_cumprod)


@torch.no_grad()
def measure(upsampler, model, clouds, alphas_cumprod, shapes=200):
    """Return the mean loss over a fixed test set with fixed noise."""
    state = torch.get_rng_state()
    torch.manual_seed(0)
    rows = torch.arange(min(shapes, len(clouds))).split(20)
    losses = [batch_loss(upsampler, model, clouds, some, alphas_cumprod) for some in rows]
    torch.set_rng_state(state)
    return torch.cat(losses).mean().item()


def train(arguments):
    """Train with the command line options."""
    prepare(arguments)
    model = load_base(arguments.base, arguments.device)
    model.conditioner.encoder.load_state_dict(average_of(arguments.base, "text"))
    upsampler = GroupedUpsampler(MINI_UPSAMPLER)
    initialize(upsampler)
    if arguments.start:
        upsampler.load_state_dict(average_of(arguments.start, "upsampler"))
    networks = {"upsampler": upsampler.to(arguments.device)}
    chosen = optimizers(networks.values(), arguments.rate, arguments.muon_rate or None)
    training = Training(arguments.out, networks, chosen, decay=0.995)
    vocabulary = model.conditioner.vocabulary
    clouds = Clouds(arguments.data, arguments.places, vocabulary, device=arguments.device)
    test = Clouds(arguments.test, arguments.test_places, vocabulary, 500, arguments.device)
    alphas_cumprod = torch.from_numpy(Schedule(SCHEDULE).alphas_cumprod)
    for is_due in training.rounds(arguments):
        rows = torch.randint(len(clouds), (arguments.batch,))
        training.step(batch_loss(upsampler, model, clouds, rows, alphas_cumprod).mean(), arguments.batch)
        if is_due:
            (average,) = training.running_averages().values()
            training.report(f"test loss {measure(average, model, test, alphas_cumprod):.4f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("places", type=Path)
    parser.add_argument("base", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--test", type=Path, required=True, help="test data set")
    parser.add_argument("--test-places", type=Path, required=True)
    parser.add_argument("--start", type=Path, help="initial checkpoint, of fewer minutes")
    add_budget(parser, 18)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--rate", type=float, default=1e-3)
    parser.add_argument("--muon-rate", type=float, default=0, help="0: AdamW for all parameters")
    parser.add_argument("--every", type=float, default=60)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    add_device(parser)
    distributed.add_arguments(parser)
    distributed.run(train, parser.parse_args())
