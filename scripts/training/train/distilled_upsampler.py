# SPDX-License-Identifier: GPL-3.0-or-later
"""Distill the upsampler of the small Point-E: one evaluation in place of four.

Run as `python -m scripts.training.train.distilled_upsampler RUNS OUT --minutes 8`.

From the same noise the student learns to end where the teacher's steps do, around the coarse clouds that the base made
in the runs of `data.teacher_runs --model point-e`.

Source: Salimans and Ho 2022 (progressive distillation).
"""

import argparse
from pathlib import Path

import torch

from blender_text3d.engine.diffusion.denoiser import denoised_from_output, guided_denoiser
from blender_text3d.engine.diffusion.schedule import Schedule, karras_sigmas, unit_variance_scale
from blender_text3d.engine.diffusion.solvers import dpm_solver_2m
from blender_text3d.engine.mini.files import POINT_E_WEIGHTS
from blender_text3d.engine.point_e.grouped_transformer import GroupedUpsampler
from blender_text3d.engine.point_e.mini import (
    BASE_POINTS,
    BASE_SIGMAS,
    FINE_POINTS,
    MINI_UPSAMPLER,
    UPSAMPLER_SCHEDULE,
    UPSAMPLER_SIGMA_MAX,
    UPSAMPLER_SIGMA_MIN,
    UPSAMPLER_STEPS,
)
from blender_text3d.engine.weights.loading.load_tensors import load_float32, load_prefixed

from ..data.ordered_clouds import unscale_clouds
from ..data.teacher_runs import POINT_E
from .accelerate import accelerated, in_float32
from .accelerate import add_arguments as add_acceleration
from .distilled_point_e import WHOLE_STEPS, deviations, error_of
from .distilled_shap_e import Runs, student_levels
from .loop import Training, add_budget, add_device, prepare
from .optimizers import optimizers


def load_upsampler(device="cpu"):
    """Load the included upsampler, the teacher."""
    tensors = load_float32(POINT_E_WEIGHTS)
    return load_prefixed(GroupedUpsampler(MINI_UPSAMPLER), tensors, "upsampler.", torch.device(device))


def starts_of(coarse):
    """Return noisy fine points (B, 6, FINE_POINTS) around coarse ones (B, 6, BASE_POINTS), as networks have them."""
    around = coarse.repeat_interleave(FINE_POINTS // BASE_POINTS, dim=2)
    return around + UPSAMPLER_SIGMA_MAX * torch.randn_like(around)


@torch.no_grad()
def taught(upsampler, x, conditions, channels):
    """Return where the teacher's steps end: (B, 6, N), from noisy points x around coarse channels (B, 6, M)."""
    schedule = Schedule(UPSAMPLER_SCHEDULE)
    denoise = guided_denoiser(upsampler, schedule, "epsilon", [conditions, channels], 1.0)
    sigmas = karras_sigmas(UPSAMPLER_STEPS, UPSAMPLER_SIGMA_MIN, UPSAMPLER_SIGMA_MAX)
    *_, last = dpm_solver_2m(denoise, x, sigmas)
    return last.denoised


def learned(upsampler, x, conditions, channels):
    """Return the points (B, 6, N) of one evaluation; arguments as of `taught`."""
    schedule = Schedule(UPSAMPLER_SCHEDULE)
    t, scaled = schedule.timestep(UPSAMPLER_SIGMA_MAX), x * unit_variance_scale(UPSAMPLER_SIGMA_MAX)
    output = upsampler(scaled, torch.full((len(x),), t, device=x.device), conditions, channels)
    return denoised_from_output(output, scaled, schedule.denoised_factors(t), "epsilon")


def loss_of(student, teacher, coarse, conditions):
    """Return the error of the student around coarse clouds (B, 6, M) as networks have them."""
    x, channels = starts_of(coarse), unscale_clouds(coarse)
    return error_of(learned(student, x, conditions, channels), taught(teacher, x, conditions, channels))


@torch.no_grad()
def measure(student, teacher, runs, device):
    """Return the mean distance of points and difference of colors to the teacher's, root mean squares."""
    state, errors = torch.get_rng_state(), []
    torch.manual_seed(0)
    for rows in torch.arange(min(60, len(runs.states))).split(20):
        coarse, conditions = runs.states[rows, -1].to(device).float(), runs.conditions[rows].to(device).float()
        x, channels = starts_of(coarse), unscale_clouds(coarse)
        ours, theirs = (one(net, x, conditions, channels) for one, net in ((learned, student), (taught, teacher)))
        errors.append(deviations(ours, theirs))
    torch.set_rng_state(state)
    return torch.cat(errors).sqrt().mean(0).tolist()


def train(arguments):
    """Train with the command line options."""
    prepare(arguments)
    levels, device = student_levels(POINT_E, BASE_SIGMAS[WHOLE_STEPS]), torch.device(arguments.device)
    teacher, student = load_upsampler(device), load_upsampler(device).requires_grad_(True)
    training = Training(
        arguments.out, {"upsampler": student}, optimizers([student], arguments.rate), decay=arguments.decay, hold=0.3
    )
    runs, test = Runs(arguments.runs, levels), Runs(arguments.test, levels)
    teaches, learns = (in_float32(accelerated(some, arguments)) for some in (teacher, student))
    for is_due in training.rounds(arguments):
        states, conditions, _ = runs.draw(arguments.batch, device)
        training.step(loss_of(learns, teaches, states[:, -1], conditions), arguments.batch)
        if is_due:
            distance, color = measure(training.running_averages()["upsampler"], teacher, test, device)
            training.report(f"distance {distance:.4f}, color {color:.4f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("runs", type=Path)
    parser.add_argument("test", type=Path, help="runs of another seed, to measure")
    parser.add_argument("out", type=Path)
    add_budget(parser, 8)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--rate", type=float, default=5e-4)
    parser.add_argument("--decay", type=float, default=0.995)
    parser.add_argument("--every", type=float, default=60)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    add_device(parser)
    add_acceleration(parser)
    train(parser.parse_args())
