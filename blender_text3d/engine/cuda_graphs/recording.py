# SPDX-License-Identifier: GPL-3.0-or-later
"""One CUDA graph of a network.

Source: PyTorch's notes on CUDA graphs: inputs and outputs keep their addresses, nothing may wait for the host, and
libraries allocate their workspaces in a run on the stream of the capture before it.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode
from torch.utils._pytree import tree_leaves
from torch.utils.weak import WeakIdKeyDictionary

Network = Callable[..., Tensor]
ROOM = 8
"""Multiple of an evaluation's memory that must be free: the graph, which keeps as much, should be in nobody's way."""


class NotEnoughRoom(Exception):
    """The GPU has too little free memory for a graph; the message says how little."""


class Recording:
    """A network's kernels for inputs of fixed shapes, with buffers for the inputs.

    The buffers hold zeros during the capture, so a number that the network takes from elsewhere than its inputs shows
    in the comparison. Weights and tables that the kernels read stay in memory as long as the graph.

    Attributes:
        graph: the graph, replays of which write to `output`.
    """

    def __init__(self, network: Network, inputs: tuple[Tensor, ...], pool: Any = None) -> None:
        """Capture the graph.

        Args:
            network: the network.
            inputs: of the shapes, types and device of the graph's inputs.
            pool: the memory pool of a graph that exists; those of one device run one after another and can share it.
        """
        device = inputs[0].device
        self.graph = torch.cuda.CUDAGraph()
        self._copied: tuple[tuple[Tensor | None, int | None], ...] = ((None, None),) * len(inputs)
        # A capture that fails leaves its stream in use; the outer context goes back to the present one.
        with (
            torch.inference_mode(False),
            torch.no_grad(),
            torch.cuda.device(device),
            torch.cuda.stream(torch.cuda.current_stream(device)),
        ):
            self.inputs = tuple(torch.zeros_like(value, memory_format=torch.contiguous_format) for value in inputs)
            self._capture(network, stream_for_captures(device), pool)

    def _capture(self, network: Network, stream: torch.cuda.Stream, pool: Any) -> None:
        present = torch.cuda.current_stream(stream.device)
        stream.wait_stream(present)
        with torch.cuda.stream(stream):
            network(*self.inputs)
        present.wait_stream(stream)
        # Other threads may allocate meanwhile, so only this one is watched for what a capture forbids.
        with (
            torch.cuda.graph(self.graph, pool=pool, stream=stream, capture_error_mode="thread_local"),
            TensorsRead() as tensors,
        ):
            self.output = network(*self.inputs)
        self.read = list(tensors.read.values())

    def __call__(self, *inputs: Tensor) -> Tensor:
        """Return the network's output in memory of its own, which a later call does not overwrite."""
        for buffer, value, copied in zip(self.inputs, inputs, self._copied, strict=True):
            if not is_unchanged(value, *copied):  # conditions stay the same for a run
                buffer.copy_(value)
        self._copied = tuple((value, version_of(value)) for value in inputs)
        self.graph.replay()
        return self.output.clone()


class TensorsRead(TorchFunctionMode):
    """Collects the tensors that calls read and that no call made.

    Attributes:
        read: the tensors by their identity.
    """

    def __init__(self) -> None:
        super().__init__()
        self.read: dict[int, Tensor] = {}
        self._made = WeakIdKeyDictionary()

    def __torch_function__(self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None) -> Any:
        """Run a function; note its arguments and results."""
        kwargs = kwargs or {}
        result = func(*args, **kwargs)
        for value in tree_leaves((args, kwargs)):
            if isinstance(value, Tensor) and value not in self._made:
                self.read[id(value)] = value
        for value in tree_leaves(result):
            if isinstance(value, Tensor):
                self._made[value] = True
        return result


def version_of(value: Tensor) -> int | None:
    """Return the number of changes of a tensor, or None for one of inference mode, which counts none."""
    return None if value.is_inference() else value._version


def is_unchanged(value: Tensor, copied: Tensor | None, version: int | None) -> bool:
    """True if a tensor is one that was copied at a version, and has not changed since."""
    return value is copied and version is not None and version_of(value) == version


@cache
def stream_for_captures(device: torch.device) -> torch.cuda.Stream:
    """Return the stream of all captures on a device, so that they share the libraries' workspaces."""
    return torch.cuda.Stream(device)


def measured(network: Network, inputs: tuple[Tensor, ...]) -> tuple[Tensor, int]:
    """Return a network's output, and the bytes that evaluating it takes besides what is in memory already."""
    device = inputs[0].device
    before = torch.cuda.memory_allocated(device)
    torch.cuda.reset_peak_memory_stats(device)
    output = network(*inputs)
    return output, torch.cuda.max_memory_allocated(device) - before


def require_room(needed: int, device: torch.device) -> None:
    """Require memory for the graph of an evaluation that takes `needed` bytes.

    Raises:
        NotEnoughRoom: too little is free.
    """
    cached = torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
    free = torch.cuda.mem_get_info(device)[0] + cached
    if free < ROOM * needed:
        raise NotEnoughRoom(f"{free / 2**20:.0f} MB of the GPU are free, and {ROOM * needed / 2**20:.0f} are needed")
