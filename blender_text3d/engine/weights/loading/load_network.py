# SPDX-License-Identifier: GPL-3.0-or-later
"""What a pipeline calls: a checkpoint's name and an empty network in, a network ready to run out."""

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
from ..store.local_files import LocalCheckpoint, ensure_verified, find, quarantine_message
from ..store.required import need
from .assign import Network, assign, empty_network
from .checkpoint_parts import PARTS
from .layouts import TO_OFFICIAL

SPARE = {"renderer.void.background"}
"""Tensors that official files hold and a network may do without: the background matters to pictures alone."""


@dataclass(frozen=True)
class Loaded(Generic[Network]):
    """A network with its weights.

    Attributes:
        network: ready for inference, without gradients.
        sha256: of the file that the weights are from.
    """

    network: Network
    sha256: str


def load_network(
    name: str, build: Callable[[], Network], device: torch.device, *, part: str = "", weights_dir: Path | None = None
) -> Loaded[Network]:
    """Reads a checkpoint into a network.

    The file is mapped, not copied: on the CPU its pages are read when they are first used, and are the system's to
    drop. A file that nobody has verified yet is read once in full.

    Args:
        name: The checkpoint's, in the catalogue.
        build: Makes the network; its attributes are named as the official checkpoint's.
        device: Where it is to run.
        part: "text" or "image" for one tower of CLIP; the other is not read.
        weights_dir: Where the weights are; the usual folder if not given.

    Returns:
        The network in float32.

    Raises:
        MissingWeights: The checkpoint is not here. BrokenWeights: its file is not what it should be.
        KeyError: The catalogue has no such checkpoint.
    """
    need((name,), weights_dir)
    held = _trusted(name, weights_dir or default_weights_dir())
    network = empty_network(build)
    try:
        assign(network, _tensors(held, part), held.path.name, SPARE)
    except BrokenWeights as error:
        if held.form.sha256:  # the file is its makers' own, so it is not the file that is wrong
            raise
        raise BrokenWeights(f"{error} {quarantine_message(held.path)} fetch {name} again.") from error
    return Loaded(network.to(device).eval().requires_grad_(False), held.sha256)


def _trusted(name: str, weights_dir: Path) -> LocalCheckpoint:
    steps = ensure_verified(find(CHECKPOINTS[name], weights_dir), name)
    while True:
        try:
            next(steps)
        except StopIteration as done:
            return done.value


def _tensors(held: LocalCheckpoint, part: str) -> dict[str, Tensor]:
    """A part's tensors by the network's names, in float32."""
    chosen = PARTS[part]
    official = TO_OFFICIAL[held.form.layout](read_tensors(held.path, chosen.is_in_file), held.form.heads)
    return {name.removeprefix(chosen.prefix): _in_float32(tensor) for name, tensor in official.items()}


def _in_float32(tensor: Tensor) -> Tensor:
    return tensor.float() if tensor.is_floating_point() else tensor
