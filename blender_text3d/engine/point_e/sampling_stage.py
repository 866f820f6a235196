# SPDX-License-Identifier: GPL-3.0-or-later
"""One of the two diffusions that make a cloud: the coarse points, or the fine ones among them."""

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from ...geometry import PointCloud
from ..diffusion.denoiser import MeanType, guided_denoiser
from ..diffusion.noise import Noise
from ..diffusion.schedule import Schedule, karras_sigmas
from ..diffusion.solver_registry import solve
from ..recipe import IndexedStep, Recipe, Step

Network = Callable[..., Tensor]
"""(noisy points [B, 6, N], timesteps [B], condition, coarse channels [B, 6, M] where there are) -> [B, 6 or 12, N]."""


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

    def seen(self, channels: Tensor) -> Tensor:
        """Undoes `channels`."""
        scales, biases = (channels.new_tensor(values)[:, None] for values in (self.scales, self.biases))
        return channels * scales + biases

    def cloud(self, channels: Tensor) -> PointCloud:
        """[6, N] -> a cloud in model space; colours rounded to bytes, as the official ones are."""
        points, colors = channels[:3].T * self.model_from_own, channels[3:].T.clamp(0, 255).round() / 255
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
        steps: of this stage; None is the recipe's.
        refines: its points begin around the coarse ones, as many around each, and take their place. Otherwise they
            begin anywhere and join the coarse ones.
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
    steps: int | None = None
    refines: bool = False


def run_stage(
    stage: Stage,
    scaling: Scaling,
    condition: Tensor,
    coarse: Tensor | None,
    recipes: Sequence[Recipe],
    noise: Noise,
    precision: torch.dtype = torch.float32,
) -> Generator[IndexedStep, None, Tensor]:
    """Denoises points of several clouds; yields a step of each for each of the solver's, with the cloud so far.

    Args:
        stage: what to run.
        scaling: between channels and what the networks see.
        condition: [B, K], [B, K, cells] or [B, K, 1 + words].
        coarse: [B, 6, M] channels of the stage before.
        recipes: one for each cloud.
        noise: with a stream for each cloud.
        precision: what the network computes in.

    Returns:
        [B, 6, M + N] channels, the new points after the coarse ones; [B, 6, N] of a stage that refines.
    """
    first = recipes[0]
    guidance = first.guidance if stage.guidance is None else stage.guidance
    steps = stage.steps or first.steps
    given = [condition] if coarse is None else [condition, coarse]
    schedule = Schedule(stage.schedule)
    denoise = guided_denoiser(stage.network, schedule, stage.mean_type, given, guidance, precision=precision)
    sigmas = karras_sigmas(steps, stage.sigma_min, stage.sigma_max)
    x = noise.draw([6, stage.points], condition.device) * stage.sigma_max
    if stage.refines:
        x = x + scaling.seen(coarse).repeat_interleave(stage.points // coarse.shape[2], dim=2)
    for which in range(len(recipes)):
        yield which, Step(stage.name, 0, steps)
    for state in solve(first.solver, denoise, x, sigmas, noise=noise, churn=stage.churn):
        new = scaling.channels(state.denoised)
        channels = new if coarse is None or stage.refines else torch.cat([coarse, new], dim=2)
        for which in range(len(recipes)):
            cloud = scaling.cloud(channels[which])
            yield which, Step(stage.name, state.index + 1, state.total, cloud, state.sigma, state.notice)
    return channels
