# SPDX-License-Identifier: GPL-3.0-or-later
"""Train the draft weights of the small Shap-E: two evaluations in place of the four of the distilled weights.

Run as `python -m scripts.training.train.draft_shap_e OUT --minutes 20`, then `export_draft_shap_e OUT`.

From the same noise a draft learns to end where the run of four evaluations does. The distilled weights stay as they
are; what is learned is a low-rank update of them. Nothing is recorded: the runs are made as they are needed, of
captions as in `data.teacher_runs`.

Source: Salimans and Ho 2022 (progressive distillation); Hu et al. 2021 (LoRA), section 4.1.
"""

import argparse
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from blender_text3d.engine.diffusion.schedule import DISTILLED_NOISE, DISTILLED_SIGMAS, Schedule
from blender_text3d.engine.mini.files import DISTILLED_SHAP_E_WEIGHTS, SHAP_E_WEIGHTS
from blender_text3d.engine.shap_e.configs import MINI_DECODER, MINI_PRIOR
from blender_text3d.engine.shap_e.decoder import VectorDecoder
from blender_text3d.engine.shap_e.distilled import load_distilled
from blender_text3d.engine.weights.loading.load_tensors import load_float32, load_prefixed

from ..data.teacher_runs import captions_of, load_prior
from .accelerate import accelerated, in_float32
from .accelerate import add_arguments as add_acceleration
from .distilled_shap_e import DECODED, Levels, decoded_error, overlap_of, rollout, student_levels
from .draft_network import DraftNetwork
from .loop import Training, add_budget, add_device, prepare
from .optimizers import optimizers

TEST_CAPTIONS = 80


class DraftConfig(NamedTuple):
    """The file of the distilled weights that a draft network updates."""

    weights: Path = DISTILLED_SHAP_E_WEIGHTS

    def load(self) -> nn.Module:
        """Load the distilled prior."""
        return load_teacher(self.weights)


def load_teacher(path):
    """Return the distilled prior of a weights file, on the CPU."""
    return load_distilled(path, MINI_PRIOR, load_prior().state_dict(), torch.device("cpu")).network


def draft_levels():
    """Return the levels of a draft, without their places in a teacher's run."""
    sigmas = DISTILLED_SIGMAS[2]
    ratios = [after / before for before, after in zip(sigmas, (*sigmas[1:], 0.0), strict=True)]
    return Levels([], list(sigmas), [Schedule("exp").timestep(sigma) for sigma in sigmas], ratios)


def loss_of(prior, teacher, decoder, noise, conditions):
    """Return the error of drafts.

    Args:
        prior, teacher: networks of drafts and of whole runs.
        decoder: the frozen decoder.
        noise, conditions: (B, D), as runs begin, over the first level; (B, C, T).
    """
    with torch.no_grad():
        latents = rollout(teacher, noise, conditions, student_levels()).clamp(-1, 1)
    drafts = rollout(prior, noise, conditions, draft_levels())
    return F.mse_loss(drafts, latents) + DECODED * decoded_error(decoder, drafts, latents)


@torch.no_grad()
def measure(prior, teacher, decoder, conditions):
    """Return (relative error of the latents, overlap of the shapes) of drafts with whole runs."""
    generator, figures = torch.Generator().manual_seed(0), []
    device = next(decoder.parameters()).device
    points = (torch.rand(1, 8192, 3, generator=generator) * 2 - 1).to(device)
    for rows in conditions.float().split(20):
        noise, rows = torch.randn(len(rows), MINI_PRIOR.d_latent, generator=generator).to(device), rows.to(device)
        noise = DISTILLED_NOISE * noise
        drafts, true = (
            rollout(network, noise, rows, levels).clamp(-1, 1)
            for network, levels in ((prior, draft_levels()), (teacher, student_levels()))
        )
        error = (drafts - true).norm(dim=1) / true.norm(dim=1)
        figures.append(torch.stack([error, overlap_of(decoder, drafts, true, points)]))
    return torch.cat(figures, 1).mean(1).tolist()


def train(arguments):
    """Train with the command line options."""
    prepare(arguments)
    device, rng = torch.device(arguments.device), np.random.default_rng(arguments.seed)
    prior = DraftNetwork(DraftConfig(arguments.distilled))
    if arguments.start:
        prior.take(load_float32(arguments.start))
    prior.to(device)
    teacher = load_teacher(arguments.distilled).to(device).requires_grad_(False)
    decoder = load_prefixed(VectorDecoder(MINI_DECODER), load_float32(SHAP_E_WEIGHTS), "decoder.", device)
    training = Training(
        arguments.out, {"draft": prior}, optimizers([prior.update], arguments.rate), decay=arguments.decay, hold=0.3
    )
    test, _ = captions_of(TEST_CAPTIONS, np.random.default_rng([arguments.seed, 1]))
    conditions, _ = captions_of(arguments.captions, rng)
    learns, teaches, decode = (in_float32(accelerated(some, arguments)) for some in (prior, teacher, decoder))
    for is_due in training.rounds(arguments):
        drawn = conditions[torch.randint(len(conditions), (arguments.batch,))].to(device).float()
        noise = DISTILLED_NOISE * torch.randn(arguments.batch, MINI_PRIOR.d_latent).to(device)
        training.step(loss_of(learns, teaches, decode, noise, drawn), arguments.batch)
        if is_due:
            error, overlap = measure(training.running_averages()["draft"], teacher, decoder, test)
            training.report(f"latent error {error:.4f}, IoU {overlap:.4f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument(
        "--distilled", type=Path, default=DISTILLED_SHAP_E_WEIGHTS, help="file of the distilled weights"
    )
    parser.add_argument("--start", type=Path, help="file of an earlier draft's weights")
    parser.add_argument("--captions", type=int, default=8000, help="captions to draw from")
    add_budget(parser, 20)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--rate", type=float, default=1e-3)
    parser.add_argument("--decay", type=float, default=0.995)
    parser.add_argument("--every", type=float, default=120)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    add_device(parser)
    add_acceleration(parser)
    train(parser.parse_args())
