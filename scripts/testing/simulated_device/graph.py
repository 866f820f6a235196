# SPDX-License-Identifier: GPL-3.0-or-later
"""CUDA graphs of the simulated device: the calls of a capture, repeated with the same memory.

As on a real device, a capture computes nothing (what it made is not a number until the first replay), memory from
outside that is freed before a replay is an error, and a capture that fails leaves its stream in use.
"""

import contextlib
import math
from collections.abc import Callable, Iterator
from typing import Any
from weakref import WeakSet

import torch
from torch import Tensor
from torch.multiprocessing.reductions import StorageWeakRef

from .counts import ACTIVE
from .stream import SimulatedStream
from .trees import leaves, mapped


class SimulatedGraph:
    """A captured graph. A replay runs its calls again and writes the results to where the first ones were."""

    def __init__(self) -> None:
        self._calls: list[tuple[Callable[..., Any], Any, Any, Any]] = []
        self._made: dict[int, Tensor] = {}  # by the storage
        self._pool: object = None
        LIVING.add(self)

    def pool(self) -> object:
        """Return the identity of the memory pool."""
        return self._pool

    def add(self, function: Callable[..., Any], arguments: Any, named: Any, result: Any) -> None:
        """Add a call.

        Raises:
            RuntimeError: it draws random numbers, which would be the same at every replay.
        """
        if torch.Tag.nondeterministic_seeded in getattr(function, "tags", ()):
            raise RuntimeError(f"{function} draws random numbers while the stream is capturing")
        given = {storage_of(value) for value in leaves((arguments, named)) if isinstance(value, Tensor)}
        self._calls.append((function, *mapped(self._addressed, (arguments, named)), result))
        for value in leaves(result):
            if isinstance(value, Tensor) and storage_of(value) not in given:
                self._made[storage_of(value)] = value

    def _addressed(self, value: Any) -> Any:
        is_outside = isinstance(value, Tensor) and storage_of(value) not in self._made
        return Address(value) if is_outside else value

    def forget_results(self) -> None:
        """Fill what was made with numbers that are none."""
        for value in self._made.values():
            if value.is_floating_point():
                value.fill_(math.nan)

    def replay(self) -> None:
        """Launch the graph: one launch of the host for all of its kernels."""
        ACTIVE[-1].counts.launch("graph", 1)
        for function, arguments, named, result in self._calls:
            arguments, named = mapped(lambda value: value.read() if isinstance(value, Address) else value,
                                        (arguments, named))  # fmt: skip
            for old, new in zip(leaves(result), leaves(function(*arguments, **named)), strict=True):
                if isinstance(old, Tensor) and old.data_ptr() != new.data_ptr():
                    old.copy_(new)


LIVING: WeakSet[SimulatedGraph] = WeakSet()


class Address:
    """Memory that a graph reads and does not own."""

    def __init__(self, tensor: Tensor) -> None:
        self._storage = StorageWeakRef(tensor.untyped_storage())
        self._type, self._place = tensor.dtype, (tensor.storage_offset(), tensor.shape, tensor.stride())

    def read(self) -> Tensor:
        """Return the tensor there.

        Raises:
            RuntimeError: the memory was freed.
        """
        storage = torch.UntypedStorage._new_with_weak_ptr(self._storage.cdata)
        if storage is None:
            raise RuntimeError("an illegal memory access was encountered: a graph reads memory that was freed")
        return torch.empty(0, dtype=self._type).set_(storage, *self._place)


def storage_of(tensor: Tensor) -> int:
    """Return the identity of a tensor's storage."""
    return tensor.untyped_storage()._cdata


@contextlib.contextmanager
def capture(
    graph: SimulatedGraph,
    pool: Any = None,
    stream: SimulatedStream | None = None,
    capture_error_mode: str = "global",
) -> Iterator[None]:
    """Record what runs inside as a graph; in place of `torch.cuda.graph`.

    Raises:
        RuntimeError: the host waits for the device inside, which a capture forbids; no kernel ran on the stream
            before, so that libraries would allocate their workspaces inside; or the pool's graphs are gone.
    """
    counts = ACTIVE[-1].counts
    counts.wait("capture of a graph")
    before, counts.stream = counts.stream, stream or counts.stream
    if not counts.stream.has_run:
        raise RuntimeError("a workspace is allocated while the stream is capturing")
    if pool is not None and all(other.pool() is not pool for other in LIVING):
        raise RuntimeError("use_count > 0 INTERNAL ASSERT FAILED: no graph has this memory pool")
    graph._pool = pool or object()
    counts.recording = graph
    try:
        yield
    finally:
        counts.recording = None
    graph.forget_results()
    counts.stream = before


@contextlib.contextmanager
def use_stream(stream: SimulatedStream) -> Iterator[None]:
    """Use a stream inside; in place of `torch.cuda.stream`.

    Raises:
        RuntimeError: it has not waited for the one before, whose results it may read.
    """
    counts = ACTIVE[-1].counts
    before = counts.stream
    if stream is not before and before not in stream.waited_for:
        raise RuntimeError("a stream is used that does not wait for the results of the one before")
    counts.stream = stream
    try:
        yield
    finally:
        counts.stream = before
