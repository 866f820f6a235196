# SPDX-License-Identifier: GPL-3.0-or-later
"""One weights file becomes the tensors of several networks, strictly."""

import hashlib
from functools import cache
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from ..errors import BrokenWeights

__all__ = ["BrokenWeights", "fill", "sha256_of", "tensors_of"]


@cache
def sha256_of(path: Path) -> str:
    """The file's SHA-256 in hex; read once a process."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise BrokenWeights(
            f"The weights file {path} cannot be read ({error.strerror}). Install the add-on again."
        ) from error


def tensors_of(path: Path) -> dict[str, Tensor]:
    """All tensors of a safetensors file, as float32.

    Raises:
        BrokenWeights: the file is missing or damaged.
    """
    try:
        return {name: tensor.float() for name, tensor in load_file(path).items()}
    except (OSError, SafetensorError) as error:
        raise BrokenWeights(
            f"The weights file {path} is missing or damaged ({error}). Install the add-on again."
        ) from error


def fill(network: nn.Module, tensors: dict[str, Tensor], prefix: str, device: torch.device) -> nn.Module:
    """Loads the tensors whose names begin with `prefix` into a network, for inference.

    Raises:
        BrokenWeights: a tensor is missing, left over or of another shape.
    """
    own = {name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)}
    try:
        network.load_state_dict(own, assign=True)
    except RuntimeError as error:
        raise BrokenWeights(f"The weights do not fit the network {prefix.rstrip('.')}: {error}") from error
    return network.to(device).eval().requires_grad_(False)
