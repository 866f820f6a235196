# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs of a network from noise to a picture: the original's two samplers, and one with fewer evaluations.

Random numbers are drawn as in the original, needed or not, so a seed means the same.
"""

import math
from collections.abc import Callable, Iterator, Sequence

import numpy as np
import torch
from torch import Tensor

from ..cuda_graphs import graphed
from ..diffusion.denoiser import Denoiser
from ..diffusion.schedule import karras_sigmas
from ..diffusion.solvers import SolverState, dpm_solver_2m
from .modulations import StepModulations
from .respacing import RespacedSchedule
from .steps import ddim_step, ddpm_step, guided_half, posterior, predicted_start
from .unet import TextCondition, UNet

Predict = Callable[[Tensor, int], Tensor]
"""(noisy picture (B, 3, H, W) float32, timestep) -> the network's output (B, 6, H, W) float32."""

NoiseSource = Callable[[Tensor], Tensor]
"""Draws standard normal numbers shaped like its argument."""


def predictor(
    network: UNet,
    text: TextCondition,
    timesteps: Sequence[int],
    guidance: float | None = None,
    low_res: Tensor | None = None,
) -> Predict:
    """Return a network with everything but the picture and the timestep.

    Args:
        network: the network.
        text: condition of B texts; with guidance, of B texts and of B without text after them.
        timesteps: all timesteps of the run; what the network needs of them is computed at once.
        guidance: guidance scale, or None to run without.
        low_res: (B, 3, h, w) float32, the picture to enlarge.
    """
    steps = StepModulations(network, text, timesteps)

    def run(x: Tensor, t: Tensor, numbers: Tensor) -> Tensor:
        return network.evaluate(x, t, text, steps.unpack(numbers), low_res)

    evaluate = graphed(run, network.precision)

    def predict(x: Tensor, timestep: int) -> Tensor:
        rows = x if guidance is None else torch.cat([x, x])
        output = evaluate(rows, *steps.at(timestep))
        return output if guidance is None else guided_half(output, guidance)

    return predict


@torch.no_grad()
def ddpm(
    predict: Predict, x: Tensor, schedule: RespacedSchedule, noise: NoiseSource, clamp: bool = True
) -> Iterator[SolverState]:
    """Sample with fresh noise at every step.

    Args:
        x: (B, 3, H, W) float32, standard normal noise.
        noise: called once per step.
        clamp: True to clamp the estimate of each step.

    Source: Ho et al. 2020, algorithm 2; variance of Nichol and Dhariwal 2021.
    """
    for index in reversed(range(len(schedule.timesteps))):
        drawn, x_hat = noise(x), x
        distribution = posterior(predict(x, schedule.timesteps[index]), x, schedule, index, clamp)
        x = ddpm_step(distribution, drawn, index)
        yield _state(schedule, index, x, distribution.pred_xstart, x_hat)


@torch.no_grad()
def ddim(
    predict: Predict, x: Tensor, schedule: RespacedSchedule, noise: NoiseSource, eta: float = 0.0, clamp: bool = True
) -> Iterator[SolverState]:
    """Sample with a share of fresh noise.

    Args:
        x: (B, 3, H, W) float32, standard normal noise.
        noise: called once per step, even if eta is 0.
        eta: share of fresh noise.
        clamp: True to clamp the estimate of each step.

    Source: Song et al. 2020 (DDIM).
    """
    for index in reversed(range(len(schedule.timesteps))):
        drawn, x_hat = noise(x), x
        start = predicted_start(predict(x, schedule.timesteps[index]), x, schedule, index, clamp)
        x = ddim_step(start, x, schedule, index, drawn, eta)
        yield _state(schedule, index, x, start, x_hat)


def _state(schedule: RespacedSchedule, index: int, x: Tensor, start: Tensor, x_hat: Tensor) -> SolverState:
    total = len(schedule.timesteps)
    return SolverState(total - 1 - index, total, noise_level(schedule, index), x, start, x_hat)


def noise_level(schedule: RespacedSchedule, index: int) -> float:
    """Return the noise's standard deviation relative to the signal's factor at a step."""
    return math.sqrt(1 / float(schedule.alphas_cumprod[index]) - 1)


MIN_SIGMA = 0.01


def few_timesteps(schedule: RespacedSchedule, steps: int, sigma_max: float) -> list[int]:
    """Return the timesteps whose noise levels are nearest to Karras's, ascending; fewer if two would be the same."""
    levels = np.log([noise_level(schedule, index) for index in range(len(schedule.timesteps))])
    wanted = np.log(karras_sigmas(steps, MIN_SIGMA, sigma_max)[:-1])
    return sorted({int(np.abs(levels - level).argmin()) for level in wanted})


def multistep(
    predict: Predict, x: Tensor, schedule: RespacedSchedule, steps: int, sigma_max: float
) -> Iterator[SolverState]:
    """Sample with DPM-Solver++(2M) at some timesteps of the complete schedule.

    The states are those of noise levels: x is the picture plus noise of the level, not scaled to unit variance.

    Args:
        x: (B, 3, H, W) float32, standard normal noise.
        schedule: with all timesteps.
        steps: evaluations of the network.
        sigma_max: level to start from; the cosine schedule's last steps are above and say nothing about the picture.
    """
    timesteps = few_timesteps(schedule, steps, sigma_max)[::-1]
    sigmas = np.array([*(noise_level(schedule, timestep) for timestep in timesteps), 0.0], np.float32)
    denoise = _denoiser(predict, schedule, dict(zip(sigmas.tolist(), timesteps, strict=False)))
    return dpm_solver_2m(denoise, x * float(sigmas[0]), sigmas)


def _denoiser(predict: Predict, schedule: RespacedSchedule, timesteps: dict[float, int]) -> Denoiser:
    def denoise(x: Tensor, sigma: float) -> Tensor:
        timestep = timesteps[sigma]
        scaled = x / math.sqrt(sigma * sigma + 1)
        return predicted_start(predict(scaled, timestep), scaled, schedule, timestep)

    return denoise
