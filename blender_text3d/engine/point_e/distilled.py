# SPDX-License-Identifier: GPL-3.0-or-later
"""Distilled weights of the small Point-E: base and upsampler in four evaluations, or two for drafts, without guidance.

They are stored as differences to the networks that they were distilled from, those of drafts as an update of them.
"""

from copy import deepcopy
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import Tensor, nn

from ..weights.loading.load_tensors import file_sha256, load_prefixed
from ..weights.loading.updates import all_restored, all_updated, load_update
from .grouped_transformer import GroupedBase, GroupedUpsampler

BASE, UPSAMPLER = "base.", "upsampler."


@dataclass(frozen=True)
class DistilledPointE:
    """Networks that need no guidance, and few steps, at the noise levels that they were trained for.

    Attributes:
        base, upsampler: the small Point-E's networks with other weights.
        sha256: hash of their file.
    """

    base: GroupedBase
    upsampler: GroupedUpsampler
    sha256: str


def load_distilled(path: Path, base: GroupedBase, upsampler: GroupedUpsampler, device: torch.device) -> DistilledPointE:
    """Load the distilled weights of both networks.

    Args:
        path: file written by `scripts.training.train.export_distilled_point_e`.
        base, upsampler: the networks that they were distilled from, on any device.
        device: device of the networks.

    Raises:
        BrokenWeights: the file is missing, corrupt or belongs to other networks.
    """
    original = prefixed(base, BASE) | prefixed(upsampler, UPSAMPLER)
    tensors = load_update(path, lambda stored: all_restored(stored, original))
    return DistilledPointE(
        load_prefixed(deepcopy(base), tensors, BASE, device),
        load_prefixed(deepcopy(upsampler), tensors, UPSAMPLER, device),
        file_sha256(path),
    )


def load_draft(path: Path, distilled: DistilledPointE, device: torch.device) -> DistilledPointE:
    """Load the weights of drafts, an update of the distilled base; the upsampler is the same.

    Raises:
        BrokenWeights: the file is missing, corrupt or belongs to another base.
    """
    original = prefixed(distilled.base, BASE)
    tensors = load_update(path, lambda stored: all_updated(stored, original))
    return replace(
        distilled, base=load_prefixed(deepcopy(distilled.base), tensors, BASE, device), sha256=file_sha256(path)
    )


def prefixed(network: nn.Module, prefix: str) -> dict[str, Tensor]:
    """Return the tensors of a network on the CPU, their names with a prefix."""
    return {prefix + name: tensor.cpu() for name, tensor in network.state_dict().items()}
