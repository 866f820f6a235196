# SPDX-License-Identifier: GPL-3.0-or-later
"""Prompts to pictures, as a generator of steps."""

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from ..device import moved
from ..diffusion.noise import Noise
from ..diffusion.solvers import SolverState
from .official import Glide
from .qualities import BASE_SCHEDULE, GUIDANCE, QUALITIES, TEMPERATURE, UPSAMPLE_SCHEDULE, Sampling
from .respacing import RespacedSchedule
from .rounding import rounded, to_bytes
from .samplers import NoiseSource, Predict, ddim, ddpm, few_timesteps, multistep, predictor
from .text_transformer import TextFeatures
from .tokenizer import tokenize
from .unet import UNet


class InvalidPicture(Exception):
    """A network gave numbers that are not finite; the message says at which step and what to do."""


@dataclass(frozen=True)
class PictureStep:
    """Progress of a batch of pictures.

    Attributes:
        stage: "image" or "enlarge".
        index: completed steps of the stage, 0 at its start.
        total: number of steps of the stage.
        pictures: makes the pictures as they are estimated, (B, H, W, 3) uint8 sRGB; None at the start of a stage.
        sigma: noise level at the start of the step, or None.
        notice: a sentence for the user, or None.
    """

    stage: str
    index: int
    total: int
    pictures: Callable[[], np.ndarray] | None = None
    sigma: float | None = None
    notice: str | None = None


class SmallPictureModel(Protocol):
    """A model that makes small pictures.

    Attributes:
        device: where its networks run.
        repairs: for each stage, the weights and what to do if their network gives numbers that are not finite.
    """

    @property
    def device(self) -> torch.device: ...
    @property
    def repairs(self) -> Mapping[str, str]: ...

    def unet(self, name: str) -> UNet:
        """Return the network that is named "base"."""
        ...

    def features(self, name: str, prompts: Sequence[str]) -> TextFeatures:
        """Return the features of prompts as the network "base" takes them."""
        ...


PictureSteps = Generator[PictureStep, None, np.ndarray]
"""Steps of a run, which returns the pictures, (B, H, W, 3) uint8 sRGB."""


def sample_pictures(
    model: Glide, prompts: Sequence[str], seeds: Sequence[int], quality: str = "standard", guidance: float = GUIDANCE
) -> PictureSteps:
    """Make one picture per prompt.

    A picture is the same alone and in a batch. In exact quality, a single one has the random numbers of the original
    after `torch.manual_seed(seed)` on a CPU.

    Args:
        model: the networks.
        prompts: B texts.
        seeds: B seeds.
        quality: "exact", "standard" or "draft", which ends with the small picture.
        guidance: guidance scale of the small picture.

    Raises:
        InvalidPicture: a network gave numbers that are not finite.
        MissingWeights, BrokenWeights: a checkpoint is missing or corrupt.
    """
    samplings, noise = QUALITIES[quality], Noise(seeds)
    for prompt in dict.fromkeys(prompts):
        if notice := tokenize(prompt).notice:
            yield PictureStep("image", 0, 1, notice=notice)
    small = yield from small_pictures(model, prompts, samplings.base, noise, guidance)
    if samplings.upsample is None:
        return to_bytes(small)
    return to_bytes((yield from _enlarged(model, prompts, samplings.upsample, noise, small)))


def small_pictures(
    model: SmallPictureModel, prompts: Sequence[str], sampling: Sampling, noise: Noise, guidance: float
) -> Generator[PictureStep, None, Tensor]:
    """Make one picture per prompt with the first network: yield steps, return (B, 3, H, W) float32 in -1 to 1.

    Raises:
        InvalidPicture: the network gave numbers that are not finite.
        MissingWeights, BrokenWeights: its weights are missing or corrupt.
    """
    features = model.features("base", [*prompts, *[""] * len(prompts)])
    unet = model.unet("base")
    size = unet.config.image_size

    def draw(like: Tensor | None = None) -> Tensor:
        return moved(noise.draw([2, 3, size, size])[:, 0], model.device)  # the original draws for both halves

    with torch.no_grad():
        predict = predictor(unet, unet.condition(features), timesteps_of(sampling, BASE_SCHEDULE), guidance)
    states = _states(sampling, predict, draw(), BASE_SCHEDULE, draw)
    return (yield from _watched("image", states, model.device, model.repairs["image"]))


def _enlarged(
    model: Glide, prompts: Sequence[str], sampling: Sampling, noise: Noise, small: Tensor
) -> Generator[PictureStep, None, Tensor]:
    features = model.features("upsample", prompts)
    unet = model.unet("upsample")
    size = unet.config.image_size

    def draw(like: Tensor | None = None) -> Tensor:
        return noise.draw([3, size, size], model.device)

    with torch.no_grad():
        timesteps = timesteps_of(sampling, UPSAMPLE_SCHEDULE)
        predict = predictor(unet, unet.condition(features), timesteps, low_res=rounded(small))
    states = _states(sampling, predict, draw() * TEMPERATURE, UPSAMPLE_SCHEDULE, draw)
    return (yield from _watched("enlarge", states, model.device, model.repairs["enlarge"]))


def timesteps_of(sampling: Sampling, schedule_name: str) -> list[int]:
    """Return the timesteps that a run evaluates, ascending."""
    schedule = RespacedSchedule(schedule_name, sampling.spacing)
    if sampling.solver == "dpm++2m":
        return few_timesteps(schedule, sampling.steps, sampling.sigma_max)
    return schedule.timesteps


def _states(
    sampling: Sampling, predict: Predict, x: Tensor, schedule_name: str, noise: NoiseSource
) -> Iterator[SolverState]:
    schedule = RespacedSchedule(schedule_name, sampling.spacing)
    if sampling.solver == "dpm++2m":
        return multistep(predict, x, schedule, sampling.steps, sampling.sigma_max)
    sampler = ddpm if sampling.solver == "ddpm" else ddim
    return sampler(predict, x, schedule, noise)


def _watched(
    stage: str, states: Iterator[SolverState], device: torch.device, repair: str
) -> Generator[PictureStep, None, Tensor]:
    """Yield a step per state and return the last x.

    Numbers that are not finite are noticed at once on the CPU, where a run is long, and at the end elsewhere, so that
    no step waits for the device.

    Raises:
        InvalidPicture: there are some.
    """
    state = None
    for state in states:
        if device.type == "cpu":
            _require_finite(state, repair)
        pictures = partial(to_bytes, state.denoised)
        yield PictureStep(stage, state.index + 1, state.total, pictures, state.sigma, state.notice)
    assert state is not None, "a run has a step"
    _require_finite(state, repair)
    return state.x


def _require_finite(state: SolverState, repair: str) -> None:
    if not torch.isfinite(state.x).all():
        raise InvalidPicture(
            f"The image contains invalid numbers after step {state.index + 1} of {state.total} of {repair}; "
            "if it is correct, choose the CPU as device."
        )
