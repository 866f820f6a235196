# SPDX-License-Identifier: GPL-3.0-or-later
"""One of the two diffusions that make a cloud: the coarse points, or the fine ones among them."""

from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
from torch import Tensor

from ...geometry import PointCloud
from ..diffusion.denoiser import Denoiser, MeanType, guided_denoiser
from ..diffusion.schedule import Schedule, karras_sigmas
from ..diffusion.solvers import SolverState, dpm_solver_2m, heun
from ..recipe import Recipe, Step

Network = Callable[[Tensor, Tensor, Tensor, Tensor | None], Tensor]
"""(noisy points [B, 6, N], timesteps [B], condition, coarse channels [B, 6, M] or None) -> [B, 6 or 12, N]."""


@dataclass(frozen=True)
class Scaling:
    """How the six channels of a point look to the networks: channels * scales + biases.

    The channels are x, y, z in the networks' own space and R, G, B from 0 to 255.

    Attributes:
        model_from_own: length of that space's unit in model space; 2 for the official networks, whose objects fill a
            cube of side 1.
    """

    scales: tuple[float, ...]
    biases: tuple[float, ...]
    model_from_own: float

    def channels(self, seen: Tensor) -> Tensor:
        """[B, 6, N] as the networks see it -> channels."""
        scales, biases = (seen.new_tensor(values)[:, None] for values in (self.scales, self.biases))
        return (seen - biases) / scales

    def cloud(self, channels: Tensor) -> PointCloud:
        """[1, 6, N] -> a cloud in model space; colours rounded to bytes, as the official ones are."""
        points, colors = channels[0, :3].T * self.model_from_own, channels[0, 3:].T.clamp(0, 255).round() / 255
        return PointCloud(points.float().cpu().numpy(), colors.float().cpu().numpy())


@dataclass(frozen=True)
class Stage:
    """What one diffusion needs.

    Attributes:
        name: of the stage's steps.
        network: puts out the mean, and the official ones a variance after it.
        points: how many it makes.
        schedule: name of the noise schedule it was trained with.
        mean_type: what it puts out.
        sigma_min, sigma_max: noise levels that are visited.
        churn: fresh noise over all steps, with the official solver.
        guidance: of this stage; None is the recipe's.
    """

    name: str
    network: Network
    points: int
    schedule: str
    mean_type: MeanType
    sigma_min: float
    sigma_max: float
    churn: float = 0.0
    guidance: float | None = None


def run_stage(
    stage: Stage, scaling: Scaling, condition: Tensor, coarse: Tensor | None, recipe: Recipe, random: torch.Generator
) -> Generator[Step, None, Tensor]:
    """Denoises points; yields a step for each of the solver's, with the cloud so far.

    Args:
        stage: what to run.
        scaling: between channels and what the networks see.
        condition: [1, K] or [1, K, cells].
        coarse: [1, 6, M] channels of the stage before.
        random: where all noise comes from; drawn on the CPU in the official order.

    Returns:
        [1, 6, M + N] channels, the new points after the coarse ones.
    """
    guidance = recipe.guidance if stage.guidance is None else stage.guidance

    def network(x: Tensor, t: Tensor, given: Tensor) -> Tensor:
        return stage.network(x, t, given, None if coarse is None else _for_halves(coarse, len(x)))

    denoise = guided_denoiser(network, Schedule(stage.schedule), stage.mean_type, condition, guidance)
    sigmas = karras_sigmas(recipe.steps, stage.sigma_min, stage.sigma_max)
    x = torch.randn(1, 6, stage.points, generator=random).to(condition.device) * stage.sigma_max
    yield Step(stage.name, 0, recipe.steps)
    for state in _states(recipe.solver, stage, denoise, x, sigmas, random):
        new = scaling.channels(state.clean)
        channels = new if coarse is None else torch.cat([coarse, new], dim=2)
        yield Step(stage.name, state.index + 1, recipe.steps, geometry=scaling.cloud(channels), sigma=state.sigma)
    return channels


def _for_halves(coarse: Tensor, batch: int) -> Tensor:
    """The coarse channels for the conditional half, and zeros for the unconditional one, as in the official sampler."""
    return torch.cat([coarse, torch.zeros_like(coarse)]) if batch > len(coarse) else coarse


def _states(
    solver: str, stage: Stage, denoise: Denoiser, x: Tensor, sigmas: np.ndarray, random: torch.Generator
) -> Iterator[SolverState]:
    """The states of a named solver; noise is drawn in the official order from one generator on the CPU."""
    if solver == "heun":
        noise = partial(_noise_like, random)
        return heun(denoise, x, sigmas, churn=stage.churn, noise=noise)
    return dpm_solver_2m(denoise, x, sigmas)


def _noise_like(random: torch.Generator, like: Tensor) -> Tensor:
    return torch.randn(like.shape, generator=random).to(like.device)
