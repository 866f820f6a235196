# SPDX-License-Identifier: GPL-3.0-or-later
"""One of the two diffusions that make a cloud: the coarse points, or the fine ones between them."""

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache, partial
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from ...geometry import PointCloud
from ..diffusion.denoiser import GuidedDenoiser, MeanType, guided_denoiser
from ..diffusion.noise import Noise
from ..diffusion.schedule import Schedule, karras_sigmas
from ..diffusion.solver_registry import solve
from ..recipe import IndexedStep, Recipe, Step

Network = Callable[..., Tensor]
"""(noisy points (B, 6, N) float, timesteps (B,) int64, condition, coarse channels (B, 6, M) float if any) ->
(B, 6 or 12, N) float."""


@dataclass(frozen=True)
class Scaling:
    """Conversion between a point's six channels and the network's inputs: inputs = channels * scales + biases.

    The channels are x, y, z in the network's own space and R, G, B from 0 to 255.

    Attributes:
        scales: one factor per channel.
        biases: one summand per channel.
        model_from_network: length of the network space's unit in model space; 2 for the official networks, whose
            objects fill a cube of side 1.
    """

    scales: tuple[float, ...]
    biases: tuple[float, ...]
    model_from_network: float

    def prepare(self, device: torch.device) -> None:
        """Copy the numbers to a device, so that no step has to."""
        per_channel(self.scales, device), per_channel(self.biases, device)

    def scale_channels(self, channels: Tensor) -> Tensor:
        """Convert channels (B, 6, N) float32 to network inputs of the same shape."""
        scales, biases = (per_channel(values, channels.device) for values in (self.scales, self.biases))
        return channels * scales + biases

    def unscale_channels(self, inputs: Tensor) -> Tensor:
        """Convert network inputs (B, 6, N) float32 to channels of the same shape."""
        scales, biases = (per_channel(values, inputs.device) for values in (self.scales, self.biases))
        return (inputs - biases) / scales

    def cloud(self, channels: Tensor) -> PointCloud:
        """Return channels (6, N) float32 as a cloud in model space; colors are rounded to bytes as in the original."""
        points, colors = channels[:3].T * self.model_from_network, channels[3:].T.clamp(0, 255).round() / 255
        return PointCloud(points.float().cpu().numpy(), colors.float().cpu().numpy())


@lru_cache(maxsize=16)
@torch.inference_mode(False)
def per_channel(values: tuple[float, ...], device: torch.device) -> Tensor:
    """Return one value per channel, (C, 1) float32; it is copied to a device once."""
    return torch.tensor(values, device=device)[:, None]


class Distilled(NamedTuple):
    """A stage's network with distilled weights, which needs no guidance, and the noise levels of its few steps."""

    network: Network
    sigmas: tuple[float, ...]


@dataclass(frozen=True)
class Stage:
    """Settings of one diffusion.

    Attributes:
        name: stage name in the steps.
        network: predicts the mean and, in the official models, a variance after it.
        points: number of points to generate.
        schedule: name of the noise schedule it was trained with.
        mean_type: the quantity it predicts.
        sigma_min, sigma_max: range of noise levels.
        churn: total fresh noise over all steps, with the official solver.
        guidance: guidance scale of this stage; None for the recipe's.
        steps: number of steps of this stage; None for the recipe's.
        refines: True if its points start around the coarse ones, equally many around each, and replace them. Otherwise
            they start anywhere and are added to the coarse ones.
        distilled: number of steps of a recipe, of all stages together -> the distilled weights for it.
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
    distilled: Mapping[int, Distilled] = field(default_factory=dict)

    def distilled_for(self, recipe: Recipe) -> Distilled | None:
        """Return the distilled weights that a recipe is sampled with, or None."""
        return self.distilled.get(recipe.steps) if recipe.solver == "distilled" else None

    def sigmas_of(self, recipe: Recipe) -> np.ndarray:
        """Return the (n + 1,) float32 noise levels of a recipe's steps, descending, with a final 0."""
        if distilled := self.distilled_for(recipe):
            return np.array([*distilled.sigmas, 0.0], np.float32)
        return karras_sigmas(self.steps or recipe.steps, self.sigma_min, self.sigma_max)

    def denoiser_of(
        self, recipe: Recipe, conditions: Sequence[Tensor], precision: torch.dtype = torch.float32
    ) -> GuidedDenoiser:
        """Return the denoiser of a recipe for conditions (B, …), evaluated in a precision."""
        schedule = Schedule(self.schedule)
        if distilled := self.distilled_for(recipe):
            return guided_denoiser(
                distilled.network, schedule, self.mean_type, conditions, 1.0, clamp=False, precision=precision
            )
        guidance = recipe.guidance if self.guidance is None else self.guidance
        return guided_denoiser(self.network, schedule, self.mean_type, conditions, guidance, precision=precision)


def run_stage(
    stage: Stage,
    scaling: Scaling,
    condition: Tensor,
    coarse: Tensor | None,
    recipes: Sequence[Recipe],
    noise: Noise,
    precision: torch.dtype = torch.float32,
) -> Generator[IndexedStep, None, Tensor]:
    """Denoise the points of a batch of clouds; yield a step per cloud and solver step, with the cloud so far.

    Args:
        stage: the diffusion to run.
        scaling: conversion between channels and network inputs.
        condition: (B, K) float32, (B, K, cells) float32 or (B, K, 1 + words) float32.
        coarse: (B, 6, M) float32 channels of the previous stage, or None.
        recipes: one per cloud.
        noise: a source with one stream per cloud.
        precision: dtype of the network.

    Returns:
        (B, 6, M + N) float32 channels, the new points after the coarse ones; (B, 6, N) for a stage that refines.
    """
    first, conditions = recipes[0], [condition] if coarse is None else [condition, coarse]
    denoise, sigmas = stage.denoiser_of(first, conditions, precision), stage.sigmas_of(first)
    scaling.prepare(condition.device)
    x = noise.draw([6, stage.points], condition.device) * stage.sigma_max
    if stage.refines and coarse is not None:
        x = x + scaling.scale_channels(coarse).repeat_interleave(stage.points // coarse.shape[2], dim=2)
    for index in range(len(recipes)):
        yield index, Step(stage.name, 0, len(sigmas) - 1)
    states = solve(
        first.solver, denoise, x, sigmas, noise=noise, churn=stage.churn, guidance_every=first.guidance_every
    )
    for state in states:
        new = scaling.unscale_channels(state.denoised)
        channels = new if coarse is None or stage.refines else torch.cat([coarse, new], dim=2)
        for index in range(len(recipes)):
            preview = partial(scaling.cloud, channels[index])
            yield index, Step(stage.name, state.index + 1, state.total, preview, state.sigma, state.notice)
    return channels
