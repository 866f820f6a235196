# SPDX-License-Identifier: GPL-3.0-or-later
"""All official checkpoints that the engine can run, and those that each model needs."""

from collections.abc import Mapping
from types import MappingProxyType

from .checkpoint import DIFFUSERS, OFFICIAL, TRANSFORMERS, TRANSMITTER, Address, Checkpoint, CheckpointFile
from .clip import CLIP
from .glide import GLIDE
from .point_e import POINT_E
from .shap_e import SHAP_E

__all__ = [
    "CHECKPOINTS",
    "DIFFUSERS",
    "REQUIRED_CHECKPOINTS",
    "OFFICIAL",
    "TRANSFORMERS",
    "TRANSMITTER",
    "Address",
    "Checkpoint",
    "CheckpointFile",
    "encoder_of",
    "models_using",
]

CHECKPOINTS: Mapping[str, Checkpoint] = MappingProxyType(
    {entry.name: entry for entry in CLIP + POINT_E + SHAP_E + GLIDE}
)

CLIP_NAME, UPSAMPLER, SDF, DECODER = "clip/ViT-L-14", "point-e/upsample", "point-e/sdf", "shap-e/decoder"
ENCODER_NAME = "shap-e/encoder"
GLIDE_NAMES = ("glide/base", "glide/upsample")

REQUIRED_CHECKPOINTS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "point-e/base40M-textvec": (CLIP_NAME, "point-e/base40M-textvec", UPSAMPLER, SDF),
        "point-e/base40M-imagevec": (CLIP_NAME, "point-e/base40M-imagevec", UPSAMPLER, SDF),
        "point-e/base40M-uncond": ("point-e/base40M-uncond", UPSAMPLER, SDF),
        "point-e/base40M": (CLIP_NAME, "point-e/base40M", UPSAMPLER, SDF),
        "point-e/base300M": (CLIP_NAME, "point-e/base300M", UPSAMPLER, SDF),
        "point-e/base1B": (CLIP_NAME, "point-e/base1B", UPSAMPLER, SDF),
        "shap-e/text300M": (CLIP_NAME, "shap-e/text300M", DECODER),
        "shap-e/image300M": (CLIP_NAME, "shap-e/image300M", DECODER),
        ENCODER_NAME: (ENCODER_NAME,),
        "point-e/three-step": (*GLIDE_NAMES, CLIP_NAME, "point-e/base40M", UPSAMPLER, SDF),
        "shap-e/three-step": (*GLIDE_NAMES, CLIP_NAME, "shap-e/image300M", DECODER),
    }
)
"""Checkpoints that each model needs; a model is named after its main checkpoint, but for those of three steps.

GLIDE is the image model of those by default, and is not needed with another one or with an image.
"""


def encoder_of(model: str) -> tuple[str, ...]:
    """Return the checkpoint that encodes objects for a model; none if it is included with the model or not needed."""
    return (ENCODER_NAME,) if DECODER in REQUIRED_CHECKPOINTS.get(model, ()) else ()


def models_using(name: str) -> tuple[str, ...]:
    """Return the models that need a checkpoint."""
    return tuple(model for model, names in REQUIRED_CHECKPOINTS.items() if name in names)
