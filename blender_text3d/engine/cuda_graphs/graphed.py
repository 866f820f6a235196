# SPDX-License-Identifier: GPL-3.0-or-later
"""A network that is replayed as a CUDA graph once it has been evaluated often enough."""

import math
from collections import Counter, OrderedDict
from functools import cached_property
from typing import Any
from weakref import WeakKeyDictionary

import torch
from torch import Tensor

from .recording import Network, Recording, measured, require_room
from .switch import SWITCH

Inputs = tuple[tuple[torch.Size, torch.dtype, torch.device], ...]
"""Key of a graph: shape, dtype and device of each input."""

MIN_CALLS = 4
"""Evaluations before a capture, which takes about as long: two evaluations, the capture, and the graph's own start."""
MAX_GRAPHS = 4
"""Graphs of one network, the least recently used of which is given up for another: a batch takes one or two."""
HALF_TOLERANCE, TOLERANCE = 1e-2, 1e-4
"""Largest difference relative to the largest output: rounding, if a library picks another kernel during capture."""


def graphed(network: Network, precision: torch.dtype) -> Network:
    """Return the network, on CUDA replayed as graphs unless the environment or an earlier failure forbids it.

    Args:
        network: takes tensors and returns one that depends on their values alone. Its graphs live as long as it does.
        precision: dtype in which it computes.
    """
    if not SWITCH.is_on():
        return network
    return CudaGraphed(network, HALF_TOLERANCE if precision.itemsize == 2 else TOLERANCE)


class CudaGraphed:
    """A network whose graphs are captured when a set of inputs has come often, and kept for later runs."""

    def __init__(self, network: Network, tolerance: float) -> None:
        self.network, self.tolerance = network, tolerance

    @cached_property
    def graphs(self) -> "NetworkGraphs":
        """The network's graphs."""
        return GRAPHS.setdefault(self.network, NetworkGraphs())

    def __call__(self, *inputs: Tensor) -> Tensor:
        """Evaluate the network or replay its graph: the network's inputs -> its output."""
        if inputs[0].device.type != "cuda" or SWITCH.notice:
            return self.network(*inputs)
        key = tuple((value.shape, value.dtype, value.device) for value in inputs)
        output = self._replayed(key, inputs)
        if output is not None:
            return output
        return self._captured(key, inputs) if self.graphs.is_due(key) else self.network(*inputs)

    def _replayed(self, key: Inputs, inputs: tuple[Tensor, ...]) -> Tensor | None:
        """Return the output of a graph, or None if there is none or it fails."""
        recording = self.graphs.recording(key)
        try:
            return recording(*inputs) if recording else None
        except Exception as error:
            give_up(f"a graph could not be replayed ({first_line(error)})")
            return None

    def _captured(self, key: Inputs, inputs: tuple[Tensor, ...]) -> Tensor:
        """Return the network's output, and keep its graph if that gives the same; the host waits for both."""
        output, needed = measured(self.network, inputs)
        try:
            require_room(needed, inputs[0].device)
            recording = Recording(self.network, inputs, pool_of_graphs(inputs[0].device))
            replayed = recording(*inputs)
            error, largest = torch.stack([(replayed - output).abs().max(), output.abs().max()]).tolist()
        except Exception as problem:
            give_up(f"a graph could not be captured ({first_line(problem)})")
            return output
        if error <= self.tolerance * largest < math.inf:
            self.graphs.keep(key, recording)
        else:  # or one of them is not a number
            give_up(f"a graph's output differs by {error:.1e} from the network's, of up to {largest:.1e}")
        return output


class NetworkGraphs:
    """The graphs of one network, and how often it was evaluated without one.

    Attributes:
        recordings: the graphs, the most recently used last.
    """

    def __init__(self) -> None:
        self.recordings: OrderedDict[Inputs, Recording] = OrderedDict()
        self._calls: Counter[Inputs] = Counter()

    def recording(self, key: Inputs) -> Recording | None:
        """Return the graph for some inputs, if there is one."""
        if key in self.recordings:
            self.recordings.move_to_end(key)
        return self.recordings.get(key)

    def is_due(self, key: Inputs) -> bool:
        """Count an evaluation; True if a graph should be captured at it."""
        self._calls[key] += 1
        return self._calls[key] == MIN_CALLS

    def clear(self) -> None:
        """Forget the graphs and the evaluations."""
        self.recordings.clear()
        self._calls.clear()

    def keep(self, key: Inputs, recording: Recording) -> None:
        """Keep a graph; one that is given up for it has to pay off again."""
        self.recordings[key] = recording
        if len(self.recordings) > MAX_GRAPHS:
            unused, _ = self.recordings.popitem(last=False)
            del self._calls[unused]


GRAPHS: WeakKeyDictionary[Network, NetworkGraphs] = WeakKeyDictionary()
"""The graphs of each network that is in memory."""


def pool_of_graphs(device: torch.device) -> Any:
    """Return the memory pool of the graphs on a device, or None if there are none."""
    kept = [pair for graphs in GRAPHS.values() for pair in graphs.recordings.items()]
    return next((recording.graph.pool() for key, recording in kept if key[0][2] == device), None)


def give_up(reason: str) -> None:
    """End the use of graphs and release all of them."""
    SWITCH.turn_off(reason)
    release_graphs()


def release_graphs() -> None:
    """Release all graphs and their memory; networks that are evaluated as often again get others."""
    for graphs in GRAPHS.values():
        graphs.clear()


def first_line(error: Exception) -> str:
    """Return the first line of an error's message without a period, or its type if it has none."""
    return str(error).strip().split("\n")[0].rstrip(".") or type(error).__name__
