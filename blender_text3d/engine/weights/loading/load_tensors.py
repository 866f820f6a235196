# SPDX-License-Identifier: GPL-3.0-or-later
"""Load the shipped weights: one safetensors file with the tensors of several networks, matched strictly."""

import hashlib
from functools import cache
from pathlib import Path
from typing import TypeVar

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from ..errors import BrokenWeights
from .eight_bits import restored

__all__ = ["BrokenWeights", "file_sha256", "load_float32", "load_prefixed"]

Network = TypeVar("Network", bound=nn.Module)


@cache
def file_sha256(path: Path) -> str:
    """Return the file's SHA-256 in hex; it is read once per process.

    Raises:
        BrokenWeights: The file cannot be read.
    """
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise BrokenWeights(
            f"The weights file {path} cannot be read ({error.strerror}). Reinstall the add-on."
        ) from error


def load_float32(path: Path) -> dict[str, Tensor]:
    """Return all tensors of a safetensors file, as float32; those in 8 bits are restored with their scales.

    Raises:
        BrokenWeights: The file is missing or corrupt.
    """
    try:
        return restored(load_file(path))
    except (OSError, SafetensorError, KeyError, RuntimeError) as error:
        raise BrokenWeights(
            f"The weights file {path} is missing or corrupt ({error}). Reinstall the add-on."
        ) from error


def load_prefixed(network: Network, tensors: dict[str, Tensor], prefix: str, device: torch.device) -> Network:
    """Load the tensors whose names start with `prefix` into a network, for inference.

    Raises:
        BrokenWeights: A tensor is missing, unexpected or of another shape.
    """
    own = {name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)}
    try:
        network.load_state_dict(own, assign=True)
    except RuntimeError as error:
        raise BrokenWeights(f"The weights do not fit the network {prefix.rstrip('.')}: {error}") from error
    return network.to(device).eval().requires_grad_(False)
