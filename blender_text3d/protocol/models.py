# SPDX-License-Identifier: GPL-3.0-or-later
"""The models a request may name, and what each quality means for them."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

OUTPUTS = ("mesh", "cloud", "both")
VIEW_MODES = ("stf", "nerf")
DEFAULT_MODEL = "mini/shap-e"
DEFAULT_QUALITY = "standard"


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


MODELS: Mapping[str, ModelInfo] = MappingProxyType(
    {
        "mini/shap-e": ModelInfo(
            name="mini/shap-e",
            label="Mini Shap-E",
            inputs=("text",),
            outputs=OUTPUTS,
            has_latent=True,
            qualities=MappingProxyType(
                {
                    "draft": Sampling(steps=12, guidance=1.5, grid=64),
                    "standard": Sampling(steps=20, guidance=1.5, grid=128),
                    "exact": Sampling(steps=64, guidance=1.5, grid=128),
                }
            ),
            words='Everyday things with a colour and a coloured part, such as "a tall red chair with black legs".',
            typical_s=3.0,
        )
    }
)
