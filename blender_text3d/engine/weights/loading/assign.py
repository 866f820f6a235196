# SPDX-License-Identifier: GPL-3.0-or-later
"""Tensors → a network, strictly: every one has its place, and every place its tensor."""

from collections.abc import Callable, Collection, Iterable
from typing import TypeVar

import torch
from torch import Tensor, nn

from ..errors import BrokenWeights

MAX_NAMED = 3
Network = TypeVar("Network", bound=nn.Module)


def empty_network(build: Callable[[], Network]) -> Network:
    """A network without numbers: its parameters have shapes and no memory, and nothing was drawn at random."""
    with torch.device("meta"):
        return build()


def assign(network: nn.Module, tensors: dict[str, Tensor], what: str, spare: Collection[str] = ()) -> None:
    """Give a blank network its tensors.

    Args:
        network: From `blank`.
        tensors: By the network's own names.
        what: What messages call the tensors' file.
        spare: Names that a network may do without.

    Raises:
        BrokenWeights: Some are missing, left over or of another shape; named in one sentence.
    """
    wanted = {name: tuple(value.shape) for name, value in network.state_dict().items()}
    given = {name: tuple(value.shape) for name, value in tensors.items() if name in wanted or name not in spare}
    other = [name for name in wanted.keys() & given.keys() if wanted[name] != given[name]]
    complaints = [
        _mismatch("lacks", wanted.keys() - given.keys()),
        _mismatch("has no use for", given.keys() - wanted.keys()),
        _mismatch("has in another shape", (f"{n} {list(given[n])} for {list(wanted[n])}" for n in other)),
    ]
    if any(complaints):
        raise BrokenWeights(f"{what} does not fit its network: it {', '.join(filter(None, complaints))}.")
    network.load_state_dict({name: tensors[name] for name in wanted}, assign=True)


def _mismatch(verb: str, names: Iterable[str]) -> str:
    names = sorted(names)
    more = f" and {len(names) - MAX_NAMED} more" if len(names) > MAX_NAMED else ""
    return f"{verb} {', '.join(names[:MAX_NAMED])}{more}" if names else ""
