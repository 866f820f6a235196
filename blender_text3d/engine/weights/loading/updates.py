# SPDX-License-Identifier: GPL-3.0-or-later
"""Weights stored as an update of others: differences in 8 bits, or a low-rank update.

Source: Hu et al. 2021 (LoRA), section 4.1, for updates of low rank.
"""

from collections.abc import Callable
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from ..errors import BrokenWeights

DIFFERENCE, SCALE = ".difference", ".scale"
LARGEST = 127
UP, DOWN = ".up", ".down"
RANK = 16
"""Of the update of a matrix. It leaves room for what else comes with the add-on: 0.9 MB in place of 4."""


def load_update(path: Path, restore: Callable[[dict[str, Tensor]], dict[str, Tensor]]) -> dict[str, Tensor]:
    """Return the tensors of a network whose file is an update of other weights.

    Args:
        path: file of the update.
        restore: the stored tensors -> the network's by name, float32. It raises KeyError, ValueError or RuntimeError if
            they do not fit.

    Raises:
        BrokenWeights: the file is missing, corrupt or an update of other weights.
    """
    try:
        return restore(load_file(path))
    except (OSError, SafetensorError, KeyError, ValueError, RuntimeError) as error:
        raise BrokenWeights(
            f"The weights file {path} is missing or corrupt ({error}). Reinstall the add-on."
        ) from error


def all_restored(stored: dict[str, Tensor], base: dict[str, Tensor]) -> dict[str, Tensor]:
    """Return the base's tensors plus their stored differences.

    Raises:
        KeyError: one is missing. ValueError: one has another shape, or there are others.
    """
    if len(stored) != 2 * len(base):
        raise ValueError(f"{len(stored)} tensors instead of {2 * len(base)}")
    return {name: restored(stored, name, value) for name, value in base.items()}


def restored(stored: dict[str, Tensor], name: str, base: Tensor) -> Tensor:
    """Return a tensor: the base's, plus the stored difference times its row's scale.

    Raises:
        KeyError: it is missing. ValueError: it has another shape.
    """
    difference, scale = stored[name + DIFFERENCE], stored[name + SCALE]
    if difference.shape != base.shape:
        raise ValueError(f"{name} has shape {tuple(difference.shape)} instead of {tuple(base.shape)}")
    return base + difference.float() * scale.float()


def compressed_difference(changed: dict[str, Tensor], base: dict[str, Tensor]) -> dict[str, Tensor]:
    """Return the tensors to store: differences int8 with a float32 scale per row, or for vectors in all.

    Args:
        changed, base: tensors by name, float32, of the same names and shapes.
    """
    stored = {}
    for name, tensor in base.items():
        difference = changed[name] - tensor
        axes = tuple(range(1, difference.dim())) or (0,)
        scale = difference.abs().amax(axes, keepdim=True).clamp(min=1e-12) / LARGEST
        stored[name + DIFFERENCE] = (difference / scale).round().to(torch.int8)
        stored[name + SCALE] = scale
    return stored


def is_updated_by_rank(tensor: Tensor) -> bool:
    """Return True for a matrix of more than `RANK` rows and columns; other tensors are updated as they are."""
    return tensor.dim() == 2 and min(tensor.shape) > 2 * RANK


def all_updated(stored: dict[str, Tensor], base: dict[str, Tensor]) -> dict[str, Tensor]:
    """Return the base's tensors plus their stored updates, see `updated`.

    Raises:
        KeyError: one is missing. ValueError: one has another shape, or there are others.
    """
    expected = sum(2 if is_updated_by_rank(tensor) else 1 for tensor in base.values())
    if len(stored) != expected:
        raise ValueError(f"{len(stored)} tensors instead of {expected}")
    return updated(base, stored)


def updated(base: dict[str, Tensor], update: dict[str, Tensor]) -> dict[str, Tensor]:
    """Return tensors plus their updates, float32.

    Args:
        base: tensors by name, float32.
        update: for a matrix (O, I), NAME.up (O, R) and NAME.down (R, I), whose product is added; for another tensor,
            NAME.difference of its shape. On the device of the base, or on the CPU.

    Raises:
        KeyError: a tensor is missing. ValueError: one has another shape.
    """
    tensors = {}
    for name, tensor in base.items():
        if is_updated_by_rank(tensor):
            up, down = (update[name + suffix].to(tensor.device, torch.float32) for suffix in (UP, DOWN))
            change = up @ down
        else:
            change = update[name + DIFFERENCE].to(tensor.device, torch.float32)
        if change.shape != tensor.shape:
            raise ValueError(f"{name} has shape {tuple(change.shape)} instead of {tuple(tensor.shape)}")
        tensors[name] = tensor + change
    return tensors
