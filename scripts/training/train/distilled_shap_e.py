# SPDX-License-Identifier: GPL-3.0-or-later
"""Distill the small Shap-E's prior: the same network, whose weights need four evaluations instead of forty.

Run as `python -m scripts.training.train.distilled_shap_e RUNS TEST OUT --minutes 30`, then again with `--unrolled`.

The student starts as the prior, the teacher. In each of its steps it learns to land where a run of many steps stands at
the next level, so that it needs none between. Runs of `data.inverted_runs` end at shapes of the data set, which differ
as they do there; those of `data.teacher_runs` at what guidance makes of a caption, more alike. Shards that appear
during training are read, too. With --unrolled, all four steps run from noise with gradients through all of them, and
the loss is that of the last one. With --classifier, the object of each latent is also classified, by another
`PointCloudClassifier` than the one that evaluates, so that the student keeps to captions that the teacher fails. With
--variety, each caption has a second object of other noise, and the two differ as two shapes of their kind in the data
set do.

Source: Salimans and Ho 2022 (progressive distillation) for the targets, Meng et al. 2023 for guidance within them,
Clark et al. 2024 (DRaFT) for the gradient of a classifier through all steps.
"""

import argparse
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch.nn import functional as F

from blender_text3d.engine.conditioning.mini_models import caption_conditioner
from blender_text3d.engine.diffusion.schedule import DISTILLED_NOISE, DISTILLED_SIGMAS, Schedule, unit_variance_scale
from blender_text3d.engine.mini.files import SHAP_E_WEIGHTS
from blender_text3d.engine.shap_e.configs import MINI_DECODER, MINI_PRIOR
from blender_text3d.engine.shap_e.decoder import VectorDecoder
from blender_text3d.engine.shap_e.prior import SplitVectorDiffusion
from blender_text3d.engine.weights.loading.load_tensors import load_float32, load_prefixed

from ..data import distributed
from ..data.captioned_latents import LABELS
from ..data.teacher_runs import SHAP_E, load_prior
from .accelerate import accelerated, in_float32
from .accelerate import add_arguments as add_acceleration
from .decoded_objects import ObjectLoss
from .decoded_objects import add_arguments as add_object_loss
from .loop import Training, add_budget, add_device, average_of, prepare
from .optimizers import optimizers

CANDIDATES, NEAR, ANYWHERE = 2048, 128, 48
"""Points per shape for the decoded error: drawn, of those nearest to the surface, and others."""
DECODED, STEPWISE = 0.5, 0.3
"""Weight of the decoded error beside that of the latent; weight of single steps in unrolled training."""


class Levels(NamedTuple):
    """The student's steps: noise levels, timesteps, and ratios of the next level to each."""

    indices: list[int]
    sigmas: list[float]
    timesteps: list[int]
    ratios: list[float]


def student_levels(teacher=SHAP_E, student=DISTILLED_SIGMAS[4]):
    """Return the levels of a student's noise levels and their places in a run of its `Teacher`.

    Raises:
        ValueError: The teacher's run has no such level.
    """
    sigmas = teacher.sigmas()
    indices = [int(np.abs(sigmas - sigma).argmin()) for sigma in student] + [len(sigmas) - 1]
    levels = [float(sigmas[index]) for index in indices]
    if not np.allclose(levels[:-1], student, rtol=0.01):
        raise ValueError(f"The teacher's levels {sigmas.round(3)} do not contain the student's {student}.")
    ratios = [after / before for before, after in zip(levels, levels[1:], strict=False)]
    return Levels(indices, levels[:-1], [Schedule(teacher.schedule).timestep(s) for s in levels[:-1]], ratios)


class Runs:
    """Recorded runs: `states` (S, K + 1, …) float16 at the student's levels, unit variance, `conditions` (S, C, T).

    `labels` are (S,), (S,) and (S, R) int64, as `caption_loss` takes them.
    """

    def __init__(self, folder, levels):
        self.folder, self.levels, self.known = folder, levels, set()
        self.states, self.conditions, *self.labels = [torch.empty(0)] * (2 + len(LABELS))
        self.read_new()

    def read_new(self):
        """Read the shards that have appeared since the last call."""
        conditioner = caption_conditioner(torch.device("cpu"))
        for path in sorted(set(self.folder.glob("*-????.npz")) - self.known):
            with np.load(path) as shard:
                states = torch.from_numpy(shard["states"][:, self.levels.indices].copy())
                conditions = torch.cat([conditioner.encode_prompt(str(c)) for c in shard["captions"]]).half()
                labels = [torch.from_numpy(shard[key]).long() for key in LABELS]
            earlier, columns = (self.states, self.conditions, *self.labels), (states, conditions, *labels)
            if self.known:
                columns = [torch.cat(both) for both in zip(earlier, columns, strict=True)]
            self.states, self.conditions, *self.labels = columns
            self.known.add(path)

    def draw(self, count, device):
        """Return (states (B, K + 1, …) float32, conditions (B, C, T) float32, labels) of random runs on a device."""
        rows = torch.randint(len(self.states), (count,))
        labels = [column[rows].to(device) for column in self.labels]
        return self.states[rows].to(device).float(), self.conditions[rows].to(device).float(), labels


def step_target(states, step, levels):
    """Return the clean samples (B, …) that make a first-order step end where the teacher stands at the next level."""
    scales = [unit_variance_scale(sigma) for sigma in levels.sigmas] + [1.0]
    here, there = states[:, step] / scales[step], states[:, step + 1] / scales[step + 1]
    ratio = levels.ratios[step]
    return (there - ratio * here) / (1 - ratio)


def decoded_error(decoder, predicted, target):
    """Return the mean squared error of the decoded distances and colors, mostly near the target's surface.

    Args:
        decoder: the frozen `VectorDecoder`.
        predicted, target: (B, D) float32 latents.
    """
    points = torch.rand(len(target), CANDIDATES, 3).to(target.device) * 2 - 1
    with torch.no_grad():
        values = decoder(target, points)
        order = values[..., 0].abs().argsort(1)
        chosen = torch.cat([order[:, :NEAR], order[:, NEAR:][:, torch.randperm(CANDIDATES - NEAR)[:ANYWHERE]]], 1)
        points = points.gather(1, chosen[..., None].expand(-1, -1, 3))
        true = appearance(values.gather(1, chosen[..., None].expand(-1, -1, values.shape[-1])))
    return (appearance(decoder(predicted, points)) - true).square().mean()


def appearance(channels):
    """Return (…, 4): squashed distance and sRGB, of a field's channels."""
    return torch.cat([channels[..., :1].tanh(), channels[..., 3:6].sigmoid()], -1)


def stepwise_loss(prior, decoder, states, conditions, levels):
    """Return the loss of single steps from the teacher's states; the rows are spread over the steps."""
    count, rows = len(levels.sigmas), torch.arange(len(states), device=states.device)
    steps = rows % count
    targets = torch.stack([step_target(states, step, levels) for step in range(count)], 1)
    noisy, target = states[rows, steps], targets[rows, steps]
    predicted = prior(noisy, torch.tensor(levels.timesteps, device=states.device)[steps], conditions)
    last = steps == count - 1
    return F.mse_loss(predicted, target) + DECODED * decoded_error(decoder, predicted[last], target[last])


def rollout(prior, noise, conditions, levels):
    """Return the samples (B, …) of all the student's steps from noise (B, …) of unit variance at the first level."""
    x = noise / unit_variance_scale(levels.sigmas[0])
    for sigma, timestep, ratio in zip(levels.sigmas, levels.timesteps, levels.ratios, strict=True):
        predicted = prior(x * unit_variance_scale(sigma), torch.full((len(x),), timestep, device=x.device), conditions)
        x = predicted + ratio * (x - predicted)
    return x


def unrolled_loss(prior, decoder, states, conditions, levels, of_objects=None):
    """Return the loss of whole runs, and that of single steps with a smaller weight.

    Args:
        prior, decoder, states, conditions, levels: as for `stepwise_loss`.
        of_objects: returns the weighted loss of the latents (2 B, D) of the runs and of as many other ones, or None.
    """
    count, noise, true = len(states), states[:, 0], states[:, -1]
    if of_objects:
        new = DISTILLED_NOISE * torch.randn_like(noise)
        noise, repeated = torch.cat([noise, new]), torch.cat([conditions, conditions])
        latents = rollout(prior, noise, repeated, levels)
        of_whole = of_objects(latents)
    else:
        latents, of_whole = rollout(prior, noise, conditions, levels), 0.0
    whole = F.mse_loss(latents[:count], true) + DECODED * decoded_error(decoder, latents[:count], true)
    return whole + of_whole + STEPWISE * stepwise_loss(prior, decoder, states, conditions, levels)


def inside_both(channels, other):
    """Return flags (B, N) of the points inside two fields (B, N, C); of the two sides of a surface, the smaller one."""
    inside, truly = channels[..., 0] > 0, other[..., 0] > 0
    return (~inside, ~truly) if truly.float().mean() > 0.5 else (inside, truly)


def overlap(inside, truly):
    """Return (B,) float32 intersection over union of flags (B, N)."""
    return (inside & truly).sum(1) / (inside | truly).sum(1).clamp(min=1)


def overlap_of(decoder, latents, true, points):
    """Return the overlap (B,) of the shapes of two batches of latents (B, D), at points (1, N, 3)."""
    return overlap(*inside_both(*(decoder(some, points.expand(len(some), -1, -1)) for some in (latents, true))))


@torch.no_grad()
def measure(prior, decoder, runs, levels, device):
    """Return (relative error of the latents, overlap of the shapes, color error near the surface) to the teacher's."""
    points = torch.rand(1, 8192, 3, generator=torch.Generator().manual_seed(0)).to(device) * 2 - 1
    latent_errors, overlaps, color_errors = [], [], []
    for states, conditions in zip(runs.states.split(20), runs.conditions.split(20), strict=True):
        states, conditions = states.to(device).float(), conditions.to(device).float()
        latents, true = rollout(prior, states[:, 0], conditions, levels).clamp(-1, 1), states[:, -1]
        latent_errors.append((latents - true).norm(dim=1) / true.norm(dim=1))
        ours, theirs = (decoder(some, points.expand(len(some), -1, -1)) for some in (latents, true))
        inside, truly = inside_both(ours, theirs)
        overlaps.append(overlap(inside, truly))
        difference = (ours[..., 3:6].sigmoid() - theirs[..., 3:6].sigmoid()).abs().mean(-1)
        color_errors.append((difference * truly).sum(1) / truly.sum(1).clamp(min=1))
    return [torch.cat(some).mean().item() for some in (latent_errors, overlaps, color_errors)]


def train(arguments):
    """Train with the command line options."""
    prepare(arguments)
    levels, prior, device = student_levels(), SplitVectorDiffusion(MINI_PRIOR), torch.device(arguments.device)
    prior.load_state_dict(average_of(arguments.start, "prior") if arguments.start else load_prior().state_dict())
    decoder = load_prefixed(VectorDecoder(MINI_DECODER), load_float32(SHAP_E_WEIGHTS), "decoder.", device)
    training = Training(
        arguments.out,
        {"prior": prior.to(device)},
        optimizers([prior], arguments.rate, arguments.muon_rate or None),
        decay=arguments.decay,
        hold=0.2,
    )
    runs, test = Runs(arguments.runs, levels), Runs(arguments.test, levels)
    objects = ObjectLoss.read(decoder, arguments)
    denoise, decode = (in_float32(accelerated(network, arguments)) for network in (prior, decoder))
    for is_due in training.rounds(arguments):
        *drawn, labels = runs.draw(arguments.batch, device)
        if arguments.unrolled:
            of_objects = partial(objects.of, labels=labels) if objects else None
            loss = unrolled_loss(denoise, decode, *drawn, levels, of_objects)
        else:
            loss = stepwise_loss(denoise, decode, *drawn, levels)
        training.step(loss, arguments.batch)
        if is_due:
            runs.read_new()
            student = training.running_averages()["prior"]
            error, overlap, color = measure(student, decoder, test, levels, device)
            figures = f"runs {len(runs.states)}, latent error {error:.4f}, IoU {overlap:.4f}, color {color:.4f}"
            told = objects.report(partial(rollout, student, levels=levels), test) if objects else ""
            training.report(figures + told)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("runs", type=Path)
    parser.add_argument("test", type=Path, help="runs of another seed, to measure")
    parser.add_argument("out", type=Path)
    parser.add_argument("--start", type=Path, help="checkpoint of another run of this command")
    parser.add_argument("--unrolled", action="store_true", help="train whole runs; start from single steps")
    add_object_loss(parser)
    add_budget(parser, 30)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--rate", type=float, default=5e-4)
    parser.add_argument("--muon-rate", type=float, default=0, help="0: AdamW for all parameters")
    parser.add_argument("--decay", type=float, default=0.995)
    parser.add_argument("--every", type=float, default=120)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    add_device(parser)
    add_acceleration(parser)
    distributed.add_arguments(parser)
    distributed.run(train, parser.parse_args())
