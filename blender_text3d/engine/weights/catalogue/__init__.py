# SPDX-License-Identifier: GPL-3.0-or-later
"""Every official checkpoint that the engine can run, and which of them a pipeline needs."""

from collections.abc import Mapping
from types import MappingProxyType

from .checkpoint import DIFFUSERS, OFFICIAL, TRANSFORMERS, TRANSMITTER, Address, Checkpoint, Form
from .clip import CLIP
from .point_e import POINT_E
from .shap_e import SHAP_E

__all__ = [
    "CHECKPOINTS",
    "DIFFUSERS",
    "OFFICIAL",
    "PIPELINES",
    "TRANSFORMERS",
    "TRANSMITTER",
    "Address",
    "Checkpoint",
    "Form",
    "pipelines_of",
]

CHECKPOINTS: Mapping[str, Checkpoint] = MappingProxyType({entry.name: entry for entry in CLIP + POINT_E + SHAP_E})

PIPELINES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "point-e/text": ("clip/ViT-L-14", "point-e/base40M-textvec", "point-e/upsample"),
        "point-e/image-40M": ("clip/ViT-L-14", "point-e/base40M", "point-e/upsample"),
        "point-e/image-300M": ("clip/ViT-L-14", "point-e/base300M", "point-e/upsample"),
        "point-e/image-1B": ("clip/ViT-L-14", "point-e/base1B", "point-e/upsample"),
        "point-e/image-vector": ("clip/ViT-L-14", "point-e/base40M-imagevec", "point-e/upsample"),
        "point-e/anything": ("point-e/base40M-uncond", "point-e/upsample"),
        "point-e/mesh": ("point-e/sdf",),
        "shap-e/text": ("clip/ViT-L-14", "shap-e/text300M", "shap-e/decoder"),
        "shap-e/image": ("clip/ViT-L-14", "shap-e/image300M", "shap-e/decoder"),
        "shap-e/decode": ("shap-e/decoder",),
    }
)


def pipelines_of(name: str) -> tuple[str, ...]:
    """The pipelines that need a checkpoint."""
    return tuple(pipeline for pipeline, names in PIPELINES.items() if name in names)
