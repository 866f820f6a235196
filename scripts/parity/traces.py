# SPDX-License-Identifier: GPL-3.0-or-later
"""Recorded runs of the official solver, repeated with the engine's solver."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor, nn

from blender_text3d.engine.diffusion.denoiser import Denoiser, guided_denoiser
from blender_text3d.engine.diffusion.schedule import karras_sigmas
from blender_text3d.engine.diffusion.solvers import HeunSigmas, heun, heun_sigmas, heun_step
from scripts.parity.case import Case, ConfigReader, InvalidCase
from scripts.parity.networks import CONDITIONS, network_of
from scripts.parity.settings import Settings, settings_of

Trace = dict[str, Tensor]
"""One run of n steps in network inputs: "x" (n + 1, B, ...) float, the start of each step with its churn noise and the
end; "pred_xstart" (n + 1, B, ...) float, each step's denoised estimate, the last one twice.
"""


@dataclass(frozen=True)
class Run:
    """A case's network, settings and noise.

    Attributes:
        noise: (1 + steps, B, ...) float32, standard normal: the start's, then one per step; or the start's only.
    """

    network: nn.Module
    settings: Settings
    conditions: tuple[Tensor, ...]
    noise: Tensor

    @cached_property
    def levels(self) -> list[HeunSigmas]:
        """The noise levels of each step."""
        settings = self.settings
        sigmas = karras_sigmas(settings.steps, settings.sigma_min, settings.sigma_max, settings.rho)
        return heun_sigmas(sigmas, settings.s_churn)

    def denoiser(self, precision: torch.dtype) -> Denoiser:
        """Return the guided denoiser with its network in a precision."""
        settings, network = self.settings, deepcopy(self.network).to(precision)
        return guided_denoiser(
            network,
            settings.schedule,
            settings.mean_type,
            self.conditions,
            settings.guidance_scale,
            settings.clamp,
            precision,
        )

    def sample(self, precision: torch.dtype) -> Trace:
        """Sample from the recorded noise."""
        settings, rows = self.settings, iter(self.noise[1:])
        sigmas = karras_sigmas(settings.steps, settings.sigma_min, settings.sigma_max, settings.rho)
        start = self.noise[0] * settings.sigma_max
        states = list(heun(self.denoiser(precision), start, sigmas, settings.s_churn, lambda like: next(rows, like)))
        return trace([state.x_hat for state in states], [state.denoised for state in states], states[-1].x)

    def sample_from_recorded(self, recorded: Tensor, precision: torch.dtype) -> Trace:
        """Start every step at the recorded x (steps + 1, B, ...) instead of the end of the previous step."""
        denoise, x = self.denoiser(precision), self.noise[0] * self.settings.sigma_max
        x_hats, estimates = [], []
        for index, level in enumerate(self.levels):
            x_hats.append(x + self.noise[1 + index] * level.noise_std if self.settings.s_churn else x)
            x, denoised = heun_step(denoise, recorded[index], level)
            estimates.append(denoised)
        return trace(x_hats, estimates, x)


def perturbed(values: Tensor, seed: int) -> Tensor:
    """Return the values with a random error of about half of the last bit."""
    generator = torch.Generator().manual_seed(seed)
    return values * (1.0 + 2.0**-24 * torch.randn(values.shape, generator=generator))


def trace(x_hats: list[Tensor], estimates: list[Tensor], end: Tensor) -> Trace:
    """Stack a run's tensors."""
    return {"x": torch.stack([*x_hats, end]), "pred_xstart": torch.stack([*estimates, estimates[-1]])}


def run_of(case: Case) -> Run:
    """Return the run of a case.

    Raises:
        InvalidCase: it cannot be repeated.
    """
    settings, config = settings_of(case, case.config)
    keys = ConfigReader(config, f"The configuration of the case '{case.name}'")
    network = network_of(keys.section("prior") if "prior" in config else keys, case)
    *conditions, noise = case.select_inputs(*CONDITIONS, "noise")
    required = 1 + settings.steps if settings.s_churn else 1
    if len(noise) < required:
        raise InvalidCase(f"The case '{case.name}' needs {required} rows of noise and has {len(noise)}.")
    return Run(network, settings, tuple(conditions), noise)


def to_network_inputs(settings: Settings) -> Callable[[Tensor], Tensor]:
    """Return a function that converts recorded values (S, B, C, ...) float to network inputs."""
    if settings.scales is None:
        return lambda values: values

    def scale(values: Tensor) -> Tensor:
        shape = (-1, *[1] * (values.ndim - 3))
        return values * torch.tensor(settings.scales).view(shape) + torch.tensor(settings.biases).view(shape)

    return scale
