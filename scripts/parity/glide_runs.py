# SPDX-License-Identifier: GPL-3.0-or-later
"""Recorded runs of GLIDE's samplers, and the run whose noise comes from a seed."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from blender_text3d.engine.diffusion.solvers import SolverState
from blender_text3d.engine.glide.respacing import TIMESTEPS, RespacedSchedule
from blender_text3d.engine.glide.rounding import rounded, to_bytes
from blender_text3d.engine.glide.samplers import NoiseSource, ddim, ddpm, predictor
from scripts.parity.case import Case, ConfigReader, InvalidCase
from scripts.parity.glide_networks import Networks, networks_of
from scripts.parity.glide_outputs import Outputs, schedule_name

SAMPLERS = ("ddpm", "ddim")


@dataclass(frozen=True)
class Settings:
    """Sampling settings of a recorded run.

    Attributes:
        guidance: guidance scale, or None.
        temperature: factor of the first noise.
        recorded: the steps whose arrays are recorded, or None for all.
    """

    sampler: str
    schedule: RespacedSchedule
    guidance: float | None
    eta: float
    temperature: float
    clamp: bool
    recorded: tuple[int, ...] | None


@dataclass(frozen=True)
class GlideRun:
    """A case's networks, settings and texts."""

    networks: Networks
    settings: Settings
    tokens: Tensor
    mask: Tensor

    @property
    def rows(self) -> int:
        """The number of pictures."""
        return len(self.tokens) // (1 if self.settings.guidance is None else 2)

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the pictures in the official configuration, (B, 3, H, W)."""
        size = self.networks.config.image_size
        return self.rows, 3, size, size

    def sample(self, x: Tensor, noise: NoiseSource, low_res: Tensor | None = None) -> Iterator[SolverState]:
        """Sample from noise (B, 3, H, W) float32."""
        settings = self.settings
        condition = self.networks.condition(self.tokens, self.mask)
        predict = predictor(self.networks.unet, condition, settings.schedule.timesteps, settings.guidance, low_res)
        x = x * settings.temperature
        if settings.sampler == "ddim":
            return ddim(predict, x, settings.schedule, noise, settings.eta, settings.clamp)
        return ddpm(predict, x, settings.schedule, noise, settings.clamp)


def run_of(case: Case) -> GlideRun:
    """Return the run of a case.

    Raises:
        InvalidCase: a key is missing or unknown.
    """
    keys = case.config_reader
    networks = networks_of(keys.section("network"), case.seed)
    settings = settings_of(keys.section("sampling"), case)
    keys.finish()
    return GlideRun(networks, settings, case.inputs["tokens"], case.inputs["mask"])


def settings_of(keys: ConfigReader, case: Case) -> Settings:
    """Return the settings of a run.

    Raises:
        InvalidCase: a key is missing or unknown.
    """
    sampler, name = keys.require("sampler"), keys.require("noise_schedule")
    schedule_name(name, case)
    if sampler not in SAMPLERS:
        raise InvalidCase(f"The case '{case.name}' has an unknown sampler: {sampler}.")
    recorded = keys.take("recorded_steps")
    settings = Settings(
        sampler=sampler,
        schedule=RespacedSchedule(name, keys.require("timestep_respacing"), keys.take("diffusion_steps", TIMESTEPS)),
        guidance=keys.take("guidance_scale"),
        eta=keys.take("eta", 0.0),
        temperature=keys.take("upsample_temp", 1.0),
        clamp=keys.take("clip_denoised", True),
        recorded=None if recorded is None else tuple(recorded),
    )
    keys.finish()
    return settings


def run_outputs(case: Case, noise: Tensor | None = None) -> Outputs:
    """Repeat a run: "x" (n + 1, B, 3, H, W), "pred_xstart" (n, B, 3, H, W) and, when enlarging, "low_res".

    Args:
        noise: other noise than the recorded one, of the same shape.
    """
    run = run_of(case)
    noise = case.inputs["noise"] if noise is None else noise
    is_per_step = noise.dim() == 5
    later = iter(noise[1:] if is_per_step else ())
    low_res = rounded(case.inputs["samples"]) if "samples" in case.inputs else None
    states = list(run.sample(noise[0] if is_per_step else noise, lambda like: next(later, like), low_res))
    taken = [states[index] for index in run.settings.recorded or range(len(states))]
    x = torch.stack([*(state.x_hat for state in taken), states[-1].x])
    outputs = {"x": x, "pred_xstart": torch.stack([state.denoised for state in taken])}
    return outputs if low_res is None else outputs | {"low_res": low_res}


def seeded_outputs(case: Case) -> Outputs:
    """Repeat both runs of a case, one after the other, with the noise of its seed.

    The upsampler starts with the recorded picture of the base, and the bytes are those of the recorded result, so that
    the rounding of one does not count for the next.
    """
    keys = case.config_reader
    base, upsampler = (run_of(case.related[keys.require(name)]) for name in ("base", "upsampler"))
    generator = torch.Generator().manual_seed(keys.require("torch_manual_seed"))
    keys.finish()
    small = last_picture(base, drawing(generator, base.shape, 2 if base.settings.guidance is not None else 1))
    low_res = rounded(case.expected.get("base_sample", small))
    large = last_picture(upsampler, drawing(generator, upsampler.shape), low_res)
    picture = torch.from_numpy(to_bytes(case.expected.get("sample", large))).permute(0, 3, 1, 2)
    numbers = torch.randn(len(case.expected.get("next_numbers", "1234")), generator=generator)
    return {"base_sample": small, "sample": large, "picture": picture, "next_numbers": numbers}


def drawing(generator: torch.Generator, shape: tuple[int, ...], copies: int = 1) -> Callable[[], Tensor]:
    """Return a function that draws noise for `copies` times the rows, and returns the first ones."""
    return lambda: torch.randn(copies * shape[0], *shape[1:], generator=generator)[: shape[0]]


def last_picture(run: GlideRun, draw: Callable[[], Tensor], low_res: Tensor | None = None) -> Tensor:
    """Return the end of a run, (B, 3, H, W) float32."""
    return list(run.sample(draw(), lambda like: draw(), low_res))[-1].x
