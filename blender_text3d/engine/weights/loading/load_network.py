# SPDX-License-Identifier: GPL-3.0-or-later
"""Load a checkpoint of the catalogue into a network, ready for inference."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Generic

import torch
from torch import Tensor

from ....system.user_folders import default_weights_dir
from ..catalogue import CHECKPOINTS
from ..errors import BrokenWeights
from ..formats.open_tensors import read_tensors
from ..store.local_files import LocalCheckpoint, ensure_verified, find_local, quarantine_message
from ..store.required import require_checkpoints
from .assign import Network, assign, empty_network
from .checkpoint_parts import PARTS
from .layouts import TO_OFFICIAL

OPTIONAL_TENSORS = {"renderer.void.background"}
"""Tensors in official files that a network may lack: the background is used only for images."""


@dataclass(frozen=True)
class LoadedNetwork(Generic[Network]):
    """A network with its weights.

    Attributes:
        network: network ready for inference, without gradients.
        sha256: hash of the weights file.
    """

    network: Network
    sha256: str


def load_network(
    name: str, build: Callable[[], Network], device: torch.device, *, part: str = "", weights_dir: Path | None = None
) -> LoadedNetwork[Network]:
    """Load a checkpoint into a network.

    The file is mapped, not copied: on the CPU its pages are read when they are first used, and the system may evict
    them. A file that was never verified is read completely once.

    Args:
        name: Name in the catalogue.
        build: Builds the network; its attributes have the official checkpoint's names.
        device: Device to run on.
        part: a part of the checkpoint, see `PARTS`, such as "text" for CLIP's text tower; the others are not read.
        weights_dir: Weights folder; the default folder if None.

    Returns:
        The network in float32.

    Raises:
        MissingWeights: The checkpoint is not on this machine.
        BrokenWeights: Its file is not what it should be.
        KeyError: The catalogue has no such checkpoint.
    """
    require_checkpoints((name,), weights_dir)
    local = _verified(name, weights_dir or default_weights_dir())
    network = empty_network(build)
    try:
        assign(network, _official_tensors(local, part), local.path.name, OPTIONAL_TENSORS)
    except BrokenWeights as error:
        if local.variant.sha256:  # the file is the makers' own, so the file is not wrong
            raise
        raise BrokenWeights(f"{error} {quarantine_message(local.path)} download {name} again.") from error
    return LoadedNetwork(network.to(device).eval().requires_grad_(False), local.sha256)


def checkpoint_sha256(name: str, weights_dir: Path | None = None) -> str:
    """Return the hash of a checkpoint's file without loading it; one that was never verified is read completely once.

    Raises:
        MissingWeights: The checkpoint is not on this machine.
        BrokenWeights: Its file is not what it should be.
        KeyError: The catalogue has no such checkpoint.
    """
    require_checkpoints((name,), weights_dir)
    return _verified(name, weights_dir or default_weights_dir()).sha256


def _verified(name: str, weights_dir: Path) -> LocalCheckpoint:
    local = find_local(CHECKPOINTS[name], weights_dir)
    assert local is not None, "require_checkpoints has found it"
    steps = ensure_verified(local, name)
    while True:
        try:
            next(steps)
        except StopIteration as done:
            return done.value


def _official_tensors(local: LocalCheckpoint, part: str) -> dict[str, Tensor]:
    """Return a part's tensors by the network's names, in float32."""
    chosen = PARTS[part]
    official = TO_OFFICIAL[local.variant.layout](read_tensors(local.path, chosen.is_in_file), local.variant.heads)
    return {name.removeprefix(chosen.prefix): _as_float32(tensor) for name, tensor in official.items()}


def _as_float32(tensor: Tensor) -> Tensor:
    return tensor.float() if tensor.is_floating_point() else tensor
