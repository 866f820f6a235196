# SPDX-License-Identifier: GPL-3.0-or-later
"""Distilled weights of the small prior, stored as their difference to it in 8 bits."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from ..weights.errors import BrokenWeights
from ..weights.loading.assign import empty_network
from ..weights.loading.load_tensors import file_sha256, load_prefixed
from .prior import PriorConfig, SplitVectorDiffusion

DIFFERENCE, SCALE = ".difference", ".scale"
LARGEST = 127


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
    return load_update(path, config, device, lambda stored: all_restored(stored, base))


def load_update(
    path: Path, config: PriorConfig, device: torch.device, restore: Callable[[dict[str, Tensor]], dict[str, Tensor]]
) -> DistilledPrior:
    """Load a prior that is stored as an update of other weights.

    Args:
        path: file of the update.
        config: size of the network.
        device: device of the network.
        restore: the stored tensors -> the network's by name, float32. It raises KeyError, ValueError or RuntimeError if
            they do not fit.

    Raises:
        BrokenWeights: the file is missing, corrupt or an update of other weights.
    """
    try:
        tensors = restore(load_file(path))
    except (OSError, SafetensorError, KeyError, ValueError, RuntimeError) as error:
        raise BrokenWeights(
            f"The weights file {path} is missing or corrupt ({error}). Reinstall the add-on."
        ) from error
    network = empty_network(lambda: SplitVectorDiffusion(config))
    return DistilledPrior(load_prefixed(network, tensors, "", device), file_sha256(path))


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


def compressed_difference(distilled: dict[str, Tensor], base: dict[str, Tensor]) -> dict[str, Tensor]:
    """Return the tensors to store: differences int8 with a float32 scale per row, or for vectors in all.

    Args:
        distilled, base: tensors by name, float32, of the same names and shapes.
    """
    stored = {}
    for name, tensor in base.items():
        difference = distilled[name] - tensor
        axes = tuple(range(1, difference.dim())) or (0,)
        scale = difference.abs().amax(axes, keepdim=True).clamp(min=1e-12) / LARGEST
        stored[name + DIFFERENCE] = (difference / scale).round().to(torch.int8)
        stored[name + SCALE] = scale
    return stored
