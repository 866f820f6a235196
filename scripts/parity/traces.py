# SPDX-License-Identifier: GPL-3.0-or-later
"""Recorded runs of the official solver → the same steps by ours."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor, nn

from blender_text3d.engine.diffusion.denoiser import Denoiser, guided_denoiser
from blender_text3d.engine.diffusion.schedule import karras_sigmas
from blender_text3d.engine.diffusion.solvers import HeunSigmas, heun, heun_sigmas, heun_step
from scripts.parity.case import BadCase, Case, Keys
from scripts.parity.networks import CONDITIONS, network_of
from scripts.parity.settings import Settings, settings_of

Trace = dict[str, Tensor]
"""One run of n steps: "x" [n + 1, B, ...], where each step began, churn's noise included, and the end; and
"pred_xstart" [n + 1, B, ...], each step's guess at the result, the last twice. As the network sees them.
"""


@dataclass(frozen=True)
class Run:
    """A case's network, settings and noise, ready to be sampled.

    Attributes:
        noise: [1 + steps, B, ...] standard normal, the start's first, or the start's alone.
    """

    network: nn.Module
    settings: Settings
    conditions: tuple[Tensor, ...]
    noise: Tensor

    @cached_property
    def levels(self) -> list[HeunSigmas]:
        """Noise levels of each step."""
        settings = self.settings
        sigmas = karras_sigmas(settings.steps, settings.sigma_min, settings.sigma_max, settings.rho)
        return heun_sigmas(sigmas, settings.s_churn)

    def denoiser(self, precision: torch.dtype) -> Denoiser:
        """The guided denoiser, whose network works in the given precision."""
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

    def freely(self, precision: torch.dtype) -> Trace:
        """The whole run from the recorded noise."""
        settings, rows = self.settings, iter(self.noise[1:])
        sigmas = karras_sigmas(settings.steps, settings.sigma_min, settings.sigma_max, settings.rho)
        start = self.noise[0] * settings.sigma_max
        states = list(heun(self.denoiser(precision), start, sigmas, settings.s_churn, lambda like: next(rows, like)))
        return trace([state.x_hat for state in states], [state.denoised for state in states], states[-1].x)

    def along(self, recorded: Tensor, precision: torch.dtype) -> Trace:
        """Every step begun at the recorded x [steps + 1, B, ...] in place of where the step before ended."""
        denoise, x = self.denoiser(precision), self.noise[0] * self.settings.sigma_max
        begun, clean = [], []
        for index, level in enumerate(self.levels):
            begun.append(x + self.noise[1 + index] * level.noise_std if self.settings.s_churn else x)
            x, guess = heun_step(denoise, recorded[index], level)
            clean.append(guess)
        return trace(begun, clean, x)


def shaken(values: Tensor, seed: int) -> Tensor:
    """The same values up to rounding: each off by about half of its last bit."""
    random = torch.Generator().manual_seed(seed)
    return values * (1.0 + 2.0**-24 * torch.randn(values.shape, generator=random))


def trace(begun: list[Tensor], clean: list[Tensor], end: Tensor) -> Trace:
    """A run's tensors in one."""
    return {"x": torch.stack([*begun, end]), "pred_xstart": torch.stack([*clean, clean[-1]])}


def run_of(case: Case) -> Run:
    """The run that a case recorded.

    Raises:
        BadCase: it cannot be repeated.
    """
    settings, config = settings_of(case, case.config)
    keys = Keys(config, f"The configuration of the case '{case.name}'")
    network = network_of(keys.part("prior") if "prior" in config else keys, case)
    *conditions, noise = case.given(*CONDITIONS, "noise")
    needed = 1 + settings.steps if settings.s_churn else 1
    if len(noise) < needed:
        raise BadCase(f"The case '{case.name}' needs {needed} rows of noise and has {len(noise)}.")
    return Run(network, settings, tuple(conditions), noise)


def as_seen(settings: Settings) -> Callable[[Tensor], Tensor]:
    """What turns recorded values [S, B, C, ...] into what the network sees."""
    if settings.scales is None:
        return lambda values: values

    def seen(values: Tensor) -> Tensor:
        shape = (-1, *[1] * (values.ndim - 3))
        return values * torch.tensor(settings.scales).view(shape) + torch.tensor(settings.biases).view(shape)

    return seen
