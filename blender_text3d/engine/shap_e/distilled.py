# SPDX-License-Identifier: GPL-3.0-or-later
"""Distilled weights of the small prior, stored as their difference to it, and those of drafts, an update of them."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from ..weights.loading.assign import empty_network
from ..weights.loading.load_tensors import file_sha256, load_prefixed
from ..weights.loading.updates import all_restored, all_updated, load_update
from .prior import PriorConfig, SplitVectorDiffusion

Restore = Callable[[dict[str, Tensor], dict[str, Tensor]], dict[str, Tensor]]


@dataclass(frozen=True)
class DistilledPrior:
    """A prior that needs a few steps without guidance, at noise levels of `DISTILLED_SIGMAS`.

    Attributes:
        network: the prior's network with other weights.
        sha256: hash of its file.
    """

    network: SplitVectorDiffusion
    sha256: str


def load_distilled(path: Path, config: PriorConfig, base: dict[str, Tensor], device: torch.device) -> DistilledPrior:
    """Load distilled weights.

    Args:
        path: file written by `compressed_difference`.
        config: size of the network.
        base: the prior's tensors by name, float32.
        device: device of the network.

    Raises:
        BrokenWeights: the file is missing, corrupt or belongs to another prior.
    """
    return load_prior_update(path, config, base, device, all_restored)


def load_draft(path: Path, config: PriorConfig, distilled: DistilledPrior, device: torch.device) -> DistilledPrior:
    """Load the weights of drafts, which take two evaluations.

    Args:
        path: file of the tensors that `all_updated` takes.
        config: size of the network.
        distilled: the distilled weights that they update, on any device.
        device: device of the network.

    Raises:
        BrokenWeights: the file is missing, corrupt or belongs to other weights.
    """
    return load_prior_update(path, config, distilled.network.state_dict(), device, all_updated)


def load_prior_update(
    path: Path, config: PriorConfig, base: dict[str, Tensor], device: torch.device, restore: Restore
) -> DistilledPrior:
    """Load a prior that is stored as an update of tensors by name, float32, of which `restore` makes its own.

    Raises:
        BrokenWeights: the file is missing, corrupt or an update of other weights.
    """
    tensors = load_update(path, lambda stored: restore(stored, base))
    network = empty_network(lambda: SplitVectorDiffusion(config))
    return DistilledPrior(load_prefixed(network, tensors, "", device), file_sha256(path))
