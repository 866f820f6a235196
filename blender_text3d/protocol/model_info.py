# SPDX-License-Identifier: GPL-3.0-or-later
"""What a user may know about a model before using it."""

from collections.abc import Mapping
from dataclasses import dataclass

OUTPUTS = ("mesh", "cloud", "both")


@dataclass(frozen=True)
class Sampling:
    """How carefully to sample.

    Attributes:
        steps: Denoising steps.
        guidance: Strength of the prompt; 1 is the model's own.
        grid: Points along one side of the cube that the surface is read from.
    """

    steps: int
    guidance: float
    grid: int


@dataclass(frozen=True)
class ModelInfo:
    """What a user may know about a model before using it.

    Attributes:
        name: The name in requests.
        label: The name on screen.
        inputs: What it makes objects of, of "text", "image"; none: of nothing but the seed.
        outputs: What it can make, of "mesh", "cloud", "both".
        has_latent: Whether it keeps a latent, which can be decoded again and rendered.
        qualities: Quality name to sampling.
        words: What it understands, in a sentence.
        typical_s: Seconds for one mesh of standard quality on two CPU cores, models loaded.
    """

    name: str
    label: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    qualities: Mapping[str, Sampling]
    words: str
    typical_s: float
    has_latent: bool = False
