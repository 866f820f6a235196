# SPDX-License-Identifier: GPL-3.0-or-later
"""How a recorded trace was sampled: from the case's configuration, else from its note."""

import re
from dataclasses import dataclass

from blender_text3d.engine.diffusion.schedule import BETAS, Schedule
from blender_text3d.engine.point_e.configs import CHANNEL_BIASES, CHANNEL_SCALES
from scripts.parity.case import BadCase, Case, Keys

NUMBER = r"([-+]?(?:\d+(?:\.\d+)?|\.\d+)(?:e[-+]?\d+)?)"
NOTED = {
    "steps": rf"{NUMBER}\s+(?:Karras\s+)?(?:Heun\s+)?steps",
    "rho": rf"rho\s*=?\s*{NUMBER}",
    "sigma_min": rf"sigma\s*=?\s*{NUMBER}\s*\.\.",
    "sigma_max": rf"sigma\s*=?\s*[-+0-9.e]+?\s*\.\.\s*{NUMBER}",
    "s_churn": rf"churn\s*=?\s*{NUMBER}",
    "guidance_scale": rf"guidance(?:\s+scale)?\s*=?\s*{NUMBER}",
}
"""What a note says of each setting, e.g. "12 Karras steps, rho 7, sigma 1e-3..120, s_churn 3.0, guidance 3"."""
UNCLAMPED = r"(?:no|not|without) clip|clip_denoised\s*=?\s*(?:False|no|off)"
ABSENT = {"s_churn": r"no churn", "guidance_scale": r"no guidance|unguided"}
DEFAULTS = {"rho": 7.0, "s_churn": 0.0}
ALIASES = {"karras_steps": "steps", "churn": "s_churn", "guidance": "guidance_scale"}
PLACES = ("sampling", "sampler")


@dataclass(frozen=True)
class Settings:
    """How a trace was sampled.

    Attributes:
        schedule: of the noise.
        mean_type: what the network puts out.
        scales, biases: of the channels of what was recorded, or None where it is as the network sees it.
        clamp: whether each half of the guided prediction is clamped.
    """

    schedule: Schedule
    mean_type: str
    scales: tuple[float, ...] | None
    biases: tuple[float, ...] | None
    steps: int
    rho: float
    sigma_min: float
    sigma_max: float
    s_churn: float
    guidance_scale: float
    clamp: bool


def settings_of(case: Case, config: dict) -> tuple[Settings, dict]:
    """The settings of a trace, and what is left of the configuration: the network's.

    Raises:
        BadCase: something that is needed is said nowhere, or a key is not known.
    """
    where = f"The configuration of the case '{case.name}'"
    sampling, config = split(config)
    diffusion, keys = config.pop("diffusion", None), Keys(sampling, where)
    numbers = {name: number_of(name, keys, case) for name in NOTED}
    clamp = keys.take("clip_denoised", not re.search(UNCLAMPED, case.note, re.IGNORECASE))
    keys.ignore("use_karras")
    keys.finish()
    numbers["steps"] = int(numbers["steps"])
    return Settings(*diffusion_of(diffusion, case, where), clamp=clamp, **numbers), config


def split(config: dict) -> tuple[dict, dict]:
    """(what a configuration says of sampling, under a key of its own or beside the network's; all else)."""
    named = {*NOTED, *ALIASES, "clip_denoised", "use_karras"}
    found = {key: value for key, value in config.items() if key in named}
    for place in PLACES:
        found |= config.get(place, {})
    rest = {key: value for key, value in config.items() if key not in named and key not in PLACES}
    return {ALIASES.get(key, key): value for key, value in found.items()}, rest


def number_of(name: str, sampling: Keys, case: Case) -> float:
    """One setting: configured, noted, or the official default.

    Raises:
        BadCase: it is said nowhere and has no default.
    """
    configured = sampling.take(name)
    if configured is not None:
        return configured
    if name in ABSENT and re.search(ABSENT[name], case.note, re.IGNORECASE):
        return 0.0
    if noted := re.search(NOTED[name], case.note, re.IGNORECASE):
        return float(noted[1])
    if name in DEFAULTS:
        return DEFAULTS[name]
    raise BadCase(f"The case '{case.name}' says neither in its configuration nor in its note what {name} was.")


def diffusion_of(diffusion: dict | None, case: Case, where: str) -> tuple:
    """(schedule, mean type, channel scales, channel biases); Point-E's where no diffusion is configured.

    Raises:
        BadCase: a schedule or a mean type that is not known.
    """
    if diffusion is None:
        noted = re.search(r"(\w+) schedule", case.note, re.IGNORECASE)
        diffusion = {"schedule": noted[1] if noted else None, "channel_scales": CHANNEL_SCALES}
        diffusion["channel_biases"] = CHANNEL_BIASES
    keys = Keys(diffusion, f"{where}.diffusion")
    name, mean_type = keys.take("schedule"), keys.take("mean_type", "epsilon")
    schedule = Schedule(name, keys.take("timesteps", 1024))
    scales, biases = keys.take("channel_scales"), keys.take("channel_biases")
    keys.finish()
    if name not in BETAS or mean_type not in ("epsilon", "x_start"):
        raise BadCase(f"The case '{case.name}' has the schedule {name!r} and the mean type {mean_type!r}: not known.")
    return schedule, mean_type, scales, biases
