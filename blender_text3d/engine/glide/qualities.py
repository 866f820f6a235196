# SPDX-License-Identifier: GPL-3.0-or-later
"""Samplers and numbers of steps of each quality.

Source: the notebook text2im of openai/glide-text2im for the exact one. The others have as few evaluations as keep an
ideal network close to the solution of its equation; they give another picture than the exact one of the same seed.
"""

from dataclasses import dataclass
from typing import Literal

GUIDANCE = 3.0
TEMPERATURE = 0.997
"""Factor of the first noise of the network that enlarges, against artifacts."""
BASE_SCHEDULE, UPSAMPLE_SCHEDULE = "squaredcos_cap_v2", "linear"


@dataclass(frozen=True)
class Sampling:
    """Sampling settings of one network.

    Attributes:
        solver: "ddpm" or "ddim", the original's, or "dpm++2m".
        spacing: timesteps of the original's solvers, see `spaced_timesteps`.
        steps: evaluations of "dpm++2m".
        sigma_max: noise level at which "dpm++2m" starts.
    """

    solver: Literal["ddpm", "ddim", "dpm++2m"]
    spacing: str = ""
    steps: int = 0
    sigma_max: float = 0.0


@dataclass(frozen=True)
class Quality:
    """Sampling of both networks; without the second the picture stays small.

    Attributes:
        base: of the network that makes the picture.
        upsample: of the network that enlarges it, or None.
    """

    base: Sampling
    upsample: Sampling | None = None


QUALITIES = {
    "exact": Quality(Sampling("ddpm", "100"), Sampling("ddim", "fast27")),
    "standard": Quality(Sampling("dpm++2m", steps=25, sigma_max=120.0), Sampling("dpm++2m", steps=10, sigma_max=80.0)),
    "draft": Quality(Sampling("dpm++2m", steps=12, sigma_max=120.0)),
}

MINI_GUIDANCE = 2.0
MINI_QUALITIES = {
    "exact": Sampling("ddpm", "100"),
    "standard": Sampling("ddpm", "25"),
    "draft": Sampling("ddpm", "12"),
}
"""Of the small network, which makes no large picture. Fresh noise corrects its errors: "dpm++2m" of as many steps makes
coarser views of it, with fewer colors of parts right."""
