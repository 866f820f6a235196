# SPDX-License-Identifier: GPL-3.0-or-later
"""Weights stored in 8 bits: whole numbers and a scale for each row, which is an output channel."""

from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from ..errors import BrokenWeights

SCALE = ".scale"
LARGEST = 127


def compressed(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """Return the tensors to store: matrices and filters int8 with a float32 scale per row, vectors float16."""
    stored = {}
    for name, tensor in tensors.items():
        if tensor.dim() < 2:
            stored[name] = tensor.half()
            continue
        scale = tensor.abs().amax(tuple(range(1, tensor.dim())), keepdim=True).clamp(min=1e-12) / LARGEST
        stored[name] = (tensor / scale).round().to(torch.int8)
        stored[name + SCALE] = scale.flatten()
    return stored


def load_compressed(path: Path) -> dict[str, Tensor]:
    """Return the tensors, float32, of a file of `compressed` ones.

    Raises:
        BrokenWeights: the file is missing or corrupt.
    """
    try:
        stored = load_file(path)
        return {name: _restored(stored, name) for name in stored if not name.endswith(SCALE)}
    except (OSError, SafetensorError, KeyError, RuntimeError) as error:
        raise BrokenWeights(
            f"The weights file {path} is missing or corrupt ({error}). Reinstall the add-on."
        ) from error


def _restored(stored: dict[str, Tensor], name: str) -> Tensor:
    value = stored[name].float()
    return (
        value if stored[name].is_floating_point() else value * stored[name + SCALE].view(-1, *[1] * (value.dim() - 1))
    )
