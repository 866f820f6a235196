# SPDX-License-Identifier: GPL-3.0-or-later
"""Assign tensors to a network strictly: all names and shapes must match."""

from collections.abc import Callable, Collection, Iterable
from typing import TypeVar

import torch
from torch import Tensor, nn

from ..errors import BrokenWeights

MAX_NAMES_LISTED = 3
Network = TypeVar("Network", bound=nn.Module)


def empty_network(build: Callable[[], Network]) -> Network:
    """Build a network on the meta device: parameters have shapes, but no memory and no random initial values."""
    with torch.device("meta"):
        return build()


def assign(network: nn.Module, tensors: dict[str, Tensor], file_name: str, optional: Collection[str] = ()) -> None:
    """Assign tensors to an empty network.

    Args:
        network: Result of `empty_network`.
        tensors: Tensors by the network's own names.
        file_name: Name of the tensors' file in messages.
        optional: Names that a file may contain without the network having them.

    Raises:
        BrokenWeights: Some are missing, unexpected or of another shape; the message lists them.
    """
    expected = {name: tuple(value.shape) for name, value in network.state_dict().items()}
    given = {name: tuple(value.shape) for name, value in tensors.items() if name in expected or name not in optional}
    wrong = [name for name in expected.keys() & given.keys() if expected[name] != given[name]]
    mismatches = [
        _mismatch("lacks", expected.keys() - given.keys()),
        _mismatch("has unexpected", given.keys() - expected.keys()),
        _mismatch("has wrong shapes:", (f"{n} {list(given[n])} instead of {list(expected[n])}" for n in wrong)),
    ]
    if any(mismatches):
        raise BrokenWeights(f"{file_name} does not fit its network: it {', '.join(filter(None, mismatches))}.")
    network.load_state_dict({name: tensors[name] for name in expected}, assign=True)


def _mismatch(verb: str, names: Iterable[str]) -> str:
    names = sorted(names)
    more = f" and {len(names) - MAX_NAMES_LISTED} more" if len(names) > MAX_NAMES_LISTED else ""
    return f"{verb} {', '.join(names[:MAX_NAMES_LISTED])}{more}" if names else ""
