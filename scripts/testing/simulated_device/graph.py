# SPDX-License-Identifier: GPL-3.0-or-later
"""CUDA graphs of the simulated device: the calls of a capture, repeated with the same memory."""

import contextlib
from collections.abc import Iterator

from torch import Tensor
from torch.utils._pytree import tree_flatten

from .counts import ACTIVE


class SimulatedGraph:
    """A captured graph. A replay runs its calls again and writes the results to where the first ones were."""

    def __init__(self) -> None:
        self.calls: list = []

    def replay(self) -> None:
        """Launch the graph: one launch of the host for all of its kernels."""
        ACTIVE[-1].counts.launch("graph", 1)
        for call, result in self.calls:
            for old, new in zip(tree_flatten(result)[0], tree_flatten(call())[0], strict=True):
                if isinstance(old, Tensor) and old.data_ptr() != new.data_ptr():
                    old.copy_(new)


@contextlib.contextmanager
def capture(graph: SimulatedGraph) -> Iterator[None]:
    """Record what runs inside as a graph; in place of `torch.cuda.graph`.

    Raises:
        RuntimeError: the host waits for the device inside, which a capture forbids.
    """
    counts = ACTIVE[-1].counts
    counts.recording = graph.calls
    try:
        yield
    finally:
        counts.recording = None
