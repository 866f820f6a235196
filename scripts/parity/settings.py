# SPDX-License-Identifier: GPL-3.0-or-later
"""Sampling settings of a recorded trace, from the case's configuration or its note."""

import re
from dataclasses import dataclass

from blender_text3d.engine.diffusion.schedule import BETAS, Schedule
from blender_text3d.engine.point_e.configs import CHANNEL_BIASES, CHANNEL_SCALES
from scripts.parity.case import Case, ConfigReader, InvalidCase

NUMBER = r"([-+]?(?:\d+(?:\.\d+)?|\.\d+)(?:e[-+]?\d+)?)"
NOTE_PATTERNS = {
    "steps": rf"{NUMBER}\s+(?:Karras\s+)?(?:Heun\s+)?steps",
    "rho": rf"rho\s*=?\s*{NUMBER}",
    "sigma_min": rf"sigma\s*=?\s*{NUMBER}\s*\.\.",
    "sigma_max": rf"sigma\s*=?\s*[-+0-9.e]+?\s*\.\.\s*{NUMBER}",
    "s_churn": rf"churn\s*=?\s*{NUMBER}",
    "guidance_scale": rf"guidance(?:\s+scale)?\s*=?\s*{NUMBER}",
}
"""Patterns of the settings in a note, e.g. "12 Karras steps, rho 7, sigma 1e-3..120, s_churn 3.0, guidance 3"."""
UNCLAMPED_PATTERN = r"(?:no|not|without) clip|clip_denoised\s*=?\s*(?:False|no|off)"
ABSENT_PATTERNS = {"s_churn": r"no churn", "guidance_scale": r"no guidance|unguided"}
DEFAULTS = {"rho": 7.0, "s_churn": 0.0}
ALIASES = {"karras_steps": "steps", "churn": "s_churn", "guidance": "guidance_scale"}
SAMPLING_SECTIONS = ("sampling", "sampler")


@dataclass(frozen=True)
class Settings:
    """Sampling settings of a trace.

    Attributes:
        schedule: noise schedule.
        mean_type: the quantity that the network predicts.
        scales, biases: scaling of the recorded channels, or None if they are network inputs.
        clamp: True if each half of the guided prediction is clamped.
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
    """Return the settings of a trace and the rest of the configuration, which is the network's.

    Raises:
        InvalidCase: a setting is missing or a key is unknown.
    """
    name = f"The configuration of the case '{case.name}'"
    sampling, config = split_sampling(config)
    diffusion, keys = config.pop("diffusion", None), ConfigReader(sampling, name)
    numbers = {key: number_of(key, keys, case) for key in NOTE_PATTERNS}
    clamp = keys.take("clip_denoised", not re.search(UNCLAMPED_PATTERN, case.note, re.IGNORECASE))
    keys.ignore("use_karras")
    keys.finish()
    numbers["steps"] = int(numbers["steps"])
    return Settings(*diffusion_of(diffusion, case, name), clamp=clamp, **numbers), config


def split_sampling(config: dict) -> tuple[dict, dict]:
    """Split a configuration into (sampling keys, from their own section or the top level; all other keys)."""
    sampling_keys = {*NOTE_PATTERNS, *ALIASES, "clip_denoised", "use_karras"}
    found = {key: value for key, value in config.items() if key in sampling_keys}
    for section in SAMPLING_SECTIONS:
        found |= config.get(section, {})
    rest = {key: value for key, value in config.items() if key not in sampling_keys and key not in SAMPLING_SECTIONS}
    return {ALIASES.get(key, key): value for key, value in found.items()}, rest


def number_of(name: str, sampling: ConfigReader, case: Case) -> float:
    """Return one setting from the configuration, the note, or the official default.

    Raises:
        InvalidCase: it is in neither and has no default.
    """
    configured = sampling.take(name)
    if configured is not None:
        return configured
    if name in ABSENT_PATTERNS and re.search(ABSENT_PATTERNS[name], case.note, re.IGNORECASE):
        return 0.0
    if noted := re.search(NOTE_PATTERNS[name], case.note, re.IGNORECASE):
        return float(noted[1])
    if name in DEFAULTS:
        return DEFAULTS[name]
    raise InvalidCase(f"The case '{case.name}' has no {name}, neither in its configuration nor in its note.")


def diffusion_of(diffusion: dict | None, case: Case, config_name: str) -> tuple:
    """Return (schedule, mean type, channel scales, channel biases), by default those of Point-E.

    Raises:
        InvalidCase: a schedule or a mean type is unknown.
    """
    if diffusion is None:
        noted = re.search(r"(\w+) schedule", case.note, re.IGNORECASE)
        diffusion = {"schedule": noted[1] if noted else None, "channel_scales": CHANNEL_SCALES}
        diffusion["channel_biases"] = CHANNEL_BIASES
    keys = ConfigReader(diffusion, f"{config_name}.diffusion")
    name, mean_type = keys.take("schedule"), keys.take("mean_type", "epsilon")
    schedule = Schedule(name, keys.take("timesteps", 1024))
    scales, biases = keys.take("channel_scales"), keys.take("channel_biases")
    keys.finish()
    if name not in BETAS or mean_type not in ("epsilon", "x_start"):
        raise InvalidCase(f"The case '{case.name}' has an unknown schedule {name!r} or mean type {mean_type!r}.")
    return schedule, mean_type, scales, biases
