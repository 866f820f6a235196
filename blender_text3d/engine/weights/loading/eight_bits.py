# SPDX-License-Identifier: GPL-3.0-or-later
"""Weights stored in 8 bits: whole numbers and a scale for each row, which is an output channel."""

import torch
from torch import Tensor

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


def restored(stored: dict[str, Tensor]) -> dict[str, Tensor]:
    """Return stored tensors by name as float32: those in 8 bits times their scales, others converted.

    Raises:
        KeyError: A scale is missing. RuntimeError: A scale does not fit its tensor.
    """
    return {name: _restored(stored, name) for name in stored if not name.endswith(SCALE)}


def _restored(stored: dict[str, Tensor], name: str) -> Tensor:
    value = stored[name].float()
    if stored[name].is_floating_point():
        return value
    return value * stored[name + SCALE].view(-1, *[1] * (value.dim() - 1))
