# SPDX-License-Identifier: GPL-3.0-or-later
"""Train the draft weights of the small Point-E: one evaluation of the base in place of the distilled weights' three.

Run as `python -m scripts.training.train.draft_point_e OUT --classifier CLASSIFIER --minutes 10`.

As `train.draft_shap_e`: from the same noise a draft learns to end where the distilled base does, by a low-rank update
of its weights. With --classifier, the clouds are also classified, as in `train.distilled_point_e`.
"""

import argparse
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import nn

from blender_text3d.engine.mini.files import DISTILLED_POINT_E_WEIGHTS
from blender_text3d.engine.point_e.distilled import load_distilled
from blender_text3d.engine.point_e.mini import BASE_SIGMAS

from ..data.teacher_runs import POINT_E, captions_of, load_base
from .accelerate import accelerated, in_float32
from .accelerate import add_arguments as add_acceleration
from .distilled_point_e import WHOLE_STEPS, CaptionLoss, deviations, error_of
from .distilled_shap_e import rollout, student_levels
from .distilled_upsampler import load_upsampler
from .draft_network import DraftNetwork
from .loop import Training, add_budget, add_device, prepare
from .optimizers import optimizers

DRAFT_STEPS, TEST_CAPTIONS = 2, 120


class DraftConfig(NamedTuple):
    """The file of the distilled weights that a draft network updates."""

    weights: Path = DISTILLED_POINT_E_WEIGHTS

    def load(self) -> nn.Module:
        """Load the distilled base."""
        return load_distilled(self.weights, load_base(), load_upsampler(), torch.device("cpu")).base


def levels_of(steps):
    """Return the `Levels` of the base in runs of so many evaluations, the upsampler's included."""
    return student_levels(POINT_E, BASE_SIGMAS[steps])


def loss_of(draft, teacher, noise, conditions, labels, caption_loss=None):
    """Return the error of drafts.

    Args:
        draft, teacher: networks of drafts and of whole runs.
        noise, conditions: (B, 6, N) of unit variance, (B, C, T).
        labels: of the captions.
        caption_loss: a `CaptionLoss` or None.
    """
    with torch.no_grad():
        true = rollout(teacher, noise, conditions, levels_of(WHOLE_STEPS))
    clouds = rollout(draft, noise, conditions, levels_of(DRAFT_STEPS))
    loss = error_of(clouds, true)
    return loss + caption_loss.of(clouds, labels) if caption_loss else loss


@torch.no_grad()
def measure(draft, teacher, conditions):
    """Return the mean distance of points and difference of colors of drafts to whole runs, root mean squares."""
    device, generator, errors = next(teacher.parameters()).device, torch.Generator().manual_seed(0), []
    for rows in conditions.float().split(20):
        noise = torch.randn(len(rows), *POINT_E.shape, generator=generator).to(device)
        ours, theirs = (
            rollout(network, noise, rows.to(device), levels_of(steps))
            for network, steps in ((draft, DRAFT_STEPS), (teacher, WHOLE_STEPS))
        )
        errors.append(deviations(ours, theirs))
    return torch.cat(errors).sqrt().mean(0).tolist()


def train(arguments):
    """Train with the command line options."""
    prepare(arguments)
    device, config = torch.device(arguments.device), DraftConfig(arguments.distilled)
    draft, teacher = DraftNetwork(config).to(device), config.load().to(device)
    training = Training(
        arguments.out, {"draft": draft}, optimizers([draft.update], arguments.rate), decay=arguments.decay, hold=0.3
    )
    test, _ = captions_of(TEST_CAPTIONS, np.random.default_rng([arguments.seed, 1]))
    conditions, labels = captions_of(arguments.captions, np.random.default_rng(arguments.seed))
    caption_loss = None
    if arguments.classifier:
        caption_loss = CaptionLoss(arguments.classifier, arguments.classifier_weight, device)
    learns, teaches = (in_float32(accelerated(some, arguments)) for some in (draft, teacher))
    for is_due in training.rounds(arguments):
        rows = torch.randint(len(conditions), (arguments.batch,))
        drawn, told = conditions[rows].to(device).float(), [column[rows].to(device) for column in labels]
        noise = torch.randn(arguments.batch, *POINT_E.shape).to(device)
        training.step(loss_of(learns, teaches, noise, drawn, told, caption_loss), arguments.batch)
        if is_due:
            distance, color = measure(training.running_averages()["draft"], teacher, test)
            training.report(f"distance {distance:.4f}, color {color:.4f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument(
        "--distilled", type=Path, default=DISTILLED_POINT_E_WEIGHTS, help="file of the distilled weights"
    )
    parser.add_argument("--captions", type=int, default=8000, help="captions to draw from")
    parser.add_argument("--classifier", type=Path, help="output of `evaluate.classifier`")
    parser.add_argument("--classifier-weight", type=float, default=0.04)
    add_budget(parser, 10)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--rate", type=float, default=1e-3)
    parser.add_argument("--decay", type=float, default=0.995)
    parser.add_argument("--every", type=float, default=60)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    add_device(parser)
    add_acceleration(parser)
    train(parser.parse_args())
