# SPDX-License-Identifier: GPL-3.0-or-later
"""Every official checkpoint that the engine can run, and which of them a model needs."""

from collections.abc import Mapping
from types import MappingProxyType

from .checkpoint import DIFFUSERS, OFFICIAL, TRANSFORMERS, TRANSMITTER, Address, Checkpoint, CheckpointFile
from .clip import CLIP
from .point_e import POINT_E
from .shap_e import SHAP_E

__all__ = [
    "CHECKPOINTS",
    "DIFFUSERS",
    "NEEDS",
    "OFFICIAL",
    "TRANSFORMERS",
    "TRANSMITTER",
    "Address",
    "Checkpoint",
    "CheckpointFile",
    "models_of",
]

CHECKPOINTS: Mapping[str, Checkpoint] = MappingProxyType({entry.name: entry for entry in CLIP + POINT_E + SHAP_E})

CLIP_NAME, FINE, MESH, DECODER = "clip/ViT-L-14", "point-e/upsample", "point-e/sdf", "shap-e/decoder"

NEEDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "point-e/base40M-textvec": (CLIP_NAME, "point-e/base40M-textvec", FINE, MESH),
        "point-e/base40M-imagevec": (CLIP_NAME, "point-e/base40M-imagevec", FINE, MESH),
        "point-e/base40M-uncond": ("point-e/base40M-uncond", FINE, MESH),
        "point-e/base40M": (CLIP_NAME, "point-e/base40M", FINE, MESH),
        "point-e/base300M": (CLIP_NAME, "point-e/base300M", FINE, MESH),
        "point-e/base1B": (CLIP_NAME, "point-e/base1B", FINE, MESH),
        "shap-e/text300M": (CLIP_NAME, "shap-e/text300M", DECODER),
        "shap-e/image300M": (CLIP_NAME, "shap-e/image300M", DECODER),
    }
)
"""Checkpoints by the model that needs them; a model is named after the checkpoint that makes it what it is."""


def models_of(name: str) -> tuple[str, ...]:
    """The models that need a checkpoint."""
    return tuple(model for model, names in NEEDS.items() if name in names)
