# SPDX-License-Identifier: GPL-3.0-or-later
"""Weights of drafts, which take two evaluations: a low-rank update of the distilled weights.

Source: Hu et al. 2021 (LoRA), section 4.1.
"""

from pathlib import Path

import torch
from torch import Tensor

from .distilled import DIFFERENCE, DistilledPrior, load_update
from .prior import PriorConfig

UP, DOWN = ".up", ".down"
RANK = 16
"""Of the update of a matrix. It leaves room for what else comes with the add-on: 0.9 MB in place of 4."""


def load_draft(path: Path, config: PriorConfig, distilled: DistilledPrior, device: torch.device) -> DistilledPrior:
    """Load the weights of drafts.

    Args:
        path: file of the tensors that `updated` takes.
        config: size of the network.
        distilled: the distilled weights that they update, on any device.
        device: device of the network.

    Raises:
        BrokenWeights: the file is missing, corrupt or belongs to other weights.
    """
    base = distilled.network.state_dict()

    def restore(stored: dict[str, Tensor]) -> dict[str, Tensor]:
        expected = sum(2 if is_updated_by_rank(tensor) else 1 for tensor in base.values())
        if len(stored) != expected:
            raise ValueError(f"{len(stored)} tensors instead of {expected}")
        return updated(base, stored)

    return load_update(path, config, device, restore)


def is_updated_by_rank(tensor: Tensor) -> bool:
    """Return True for a matrix of more than `RANK` rows and columns; other tensors are updated as they are."""
    return tensor.dim() == 2 and min(tensor.shape) > 2 * RANK


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
