# SPDX-License-Identifier: GPL-3.0-or-later
"""Distill the base of the small Point-E: the same network, whose weights need three evaluations without guidance.

Run as `python -m scripts.training.train.distilled_point_e RUNS TEST OUT --classifier CLASSIFIER --minutes 25`.

As `train.distilled_shap_e`, from runs of `data.teacher_runs --model point-e`: all steps run from the noise of a run,
with gradients through all of them, to the cloud of the teacher, and single steps go from where the teacher stands to
where it stands next. With --classifier, a `PointCloudClassifier` also reads the clouds, another one than that which
evaluates, so that the student keeps to captions that the teacher fails. It sees clouds of new noise, too.

Source: as of `train.distilled_shap_e`.
"""

import argparse
from pathlib import Path

import torch

from blender_text3d.engine.point_e.mini import BASE_SIGMAS

from ..data import distributed
from ..data.teacher_runs import POINT_E, load_base
from ..evaluate.classifier import load_classifier, normalize_bounds
from ..evaluate.latent_classifier import label_loss
from .accelerate import accelerated, in_float32
from .accelerate import add_arguments as add_acceleration
from .decoded_objects import COLOR_JITTER, JITTER, PART_WEIGHT
from .distilled_shap_e import STEPWISE, Runs, rollout, step_target, student_levels
from .loop import Training, add_budget, add_device, average_of, prepare
from .optimizers import optimizers
from .point_e_base import channel_weights

WHOLE_STEPS = 4
"""Evaluations of a whole run by the distilled weights, the upsampler's included."""


def error_of(predicted, target):
    """Return the mean squared error of clouds (B, 6, N) as the base weighs it."""
    return ((predicted - target).square() * channel_weights(target)).mean(2).sum(1).mean()


def deviations(clouds, other):
    """Return the mean squares (B, 2) of the distances of points and of the differences of colors of clouds (B, 6, N).

    Distances are in model space, colors sRGB 0..1.
    """
    difference = (clouds - other).square()
    return torch.stack([difference[:, :3].sum(1).mean(1), difference[:, 3:].mean((1, 2)) / 4], 1)


def stepwise_loss(base, states, conditions, levels):
    """Return the loss of single steps from the teacher's states (B, K + 1, 6, N), rows spread over the steps."""
    count, rows = len(levels.sigmas), torch.arange(len(states), device=states.device)
    steps = rows % count
    targets = torch.stack([step_target(states, step, levels) for step in range(count)], 1)
    timesteps = torch.tensor(levels.timesteps, device=states.device)[steps]
    return error_of(base(states[rows, steps], timesteps, conditions), targets[rows, steps])


def classified(classifier, clouds, jitter=0.0, color_jitter=0.0):
    """Return a `PointCloudClassifier`'s logits of clouds (B, 6, N) as networks have them, with noise."""
    points, colors = clouds[:, :3].transpose(1, 2), (clouds[:, 3:].transpose(1, 2) + 1) / 2
    points = normalize_bounds(points + jitter * torch.randn_like(points))
    return [logits.float() for logits in classifier(points, colors + color_jitter * torch.randn_like(colors))]


class CaptionLoss:
    """Loss of clouds that a frozen classifier does not read as their caption, with a weight."""

    def __init__(self, path, weight, device):
        self.classifier, self.weight = load_classifier(path, device), weight

    def of(self, clouds, labels):
        """Return the weighted loss of clouds (B, 6, N), whose labels are (B,), (B,) and (B, R)."""
        logits = classified(self.classifier, clouds, JITTER, COLOR_JITTER)
        return self.weight * label_loss(logits, *labels, PART_WEIGHT).mean()

    @torch.no_grad()
    def accuracy(self, clouds, labels):
        """Return flags of right labels: of categories, main colors and colors of parts, those that a caption has."""
        found = classified(self.classifier, clouds)
        return [(logits.argmax(-1) == truth)[truth >= 0] for logits, truth in zip(found, labels, strict=True)]


def loss_of(base, states, conditions, labels, levels, caption_loss=None):
    """Return the loss of whole runs, and that of single steps with a smaller weight.

    Args:
        base: the student.
        states: (B, K + 1, 6, N) float32 of the teacher, unit variance, the last ones clean.
        conditions, labels: of the captions.
        levels: `Levels` of the student.
        caption_loss: a `CaptionLoss` or None.
    """
    count, noise, true = len(states), states[:, 0], states[:, -1]
    repeated = conditions
    if caption_loss:
        noise, repeated = torch.cat([noise, torch.randn_like(noise)]), torch.cat([conditions, conditions])
    clouds = rollout(base, noise, repeated, levels)
    loss = error_of(clouds[:count], true) + STEPWISE * stepwise_loss(base, states, conditions, levels)
    return loss + caption_loss.of(clouds, [torch.cat([label, label]) for label in labels]) if caption_loss else loss


@torch.no_grad()
def measure(base, runs, levels, device, caption_loss=None):
    """Return the mean distance of points and difference of colors to the teacher's clouds, and shares of right labels.

    Both are root mean squares, in model space and of sRGB 0..1.
    """
    errors, right = [], ([], [], [])
    for rows in torch.arange(len(runs.states)).split(20):
        states, conditions = runs.states[rows].to(device).float(), runs.conditions[rows].to(device).float()
        clouds = rollout(base, states[:, 0], conditions, levels)
        errors.append(deviations(clouds, states[:, -1]))
        if caption_loss:
            labels = [column[rows].to(device) for column in runs.labels]
            for found, flags in zip(right, caption_loss.accuracy(clouds, labels), strict=True):
                found.append(flags)
    shares = [torch.cat(found).float().mean().item() for found in right] if caption_loss else []
    return torch.cat(errors).sqrt().mean(0).tolist(), shares


def train(arguments):
    """Train with the command line options."""
    prepare(arguments)
    levels, device = student_levels(POINT_E, BASE_SIGMAS[WHOLE_STEPS]), torch.device(arguments.device)
    base = load_base()
    if arguments.start:
        base.load_state_dict(average_of(arguments.start, "base"))
    base.requires_grad_(True)
    training = Training(
        arguments.out,
        {"base": base.to(device)},
        optimizers([base], arguments.rate),
        decay=arguments.decay,
        hold=arguments.hold,
    )
    runs, test = Runs(arguments.runs, levels), Runs(arguments.test, levels)
    caption_loss = None
    if arguments.classifier:
        caption_loss = CaptionLoss(arguments.classifier, arguments.classifier_weight, device)
    denoise = in_float32(accelerated(base, arguments))
    for is_due in training.rounds(arguments):
        drawn = runs.draw(arguments.batch, device)
        training.step(loss_of(denoise, *drawn, levels, caption_loss), arguments.batch)
        if is_due:
            runs.read_new()
            student = training.running_averages()["base"]
            (distance, color), shares = measure(student, test, levels, device, caption_loss)
            text = f"runs {len(runs.states)}, distance {distance:.4f}, color {color:.4f}"
            told = ", category {:.4f}, color {:.4f}, parts {:.4f}".format(*shares) if shares else ""
            training.report(text + told)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("runs", type=Path)
    parser.add_argument("test", type=Path, help="runs of another seed, to measure")
    parser.add_argument("out", type=Path)
    parser.add_argument("--start", type=Path, help="checkpoint of another run of this command")
    parser.add_argument("--classifier", type=Path, help="output of `evaluate.classifier`")
    parser.add_argument("--classifier-weight", type=float, default=0.06)
    add_budget(parser, 25)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--rate", type=float, default=3e-4)
    parser.add_argument("--hold", type=float, default=0.3)
    parser.add_argument("--decay", type=float, default=0.995)
    parser.add_argument("--every", type=float, default=60)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    add_device(parser)
    add_acceleration(parser)
    distributed.add_arguments(parser)
    distributed.run(train, parser.parse_args())
