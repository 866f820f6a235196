# SPDX-License-Identifier: GPL-3.0-or-later
"""CUDA graphs of a network: launching many small kernels takes longer than running them, so they are replayed.

They were never run on a real GPU, so they are off unless BLENDER_TEXT3D_CUDA_GRAPHS is 1. A graph is used only after it
has given the same output as the network for the same input, for which the host waits once. If capturing fails or the
output differs, every call goes to the network. Devices other than CUDA never use graphs.

Source: PyTorch's notes on CUDA graphs: inputs and outputs keep their addresses, nothing may synchronize.
"""

import logging
import os
from collections import Counter
from collections.abc import Callable

import torch
from torch import Tensor

Network = Callable[..., Tensor]
Shapes = tuple[torch.Size, ...]
LOG = logging.getLogger(__name__)
VARIABLE = "BLENDER_TEXT3D_CUDA_GRAPHS"
TOLERANCE = 1e-2
"""Relative to the largest output: half precision's rounding if a library picks another kernel during capture."""


def graphed(network: Network) -> Network:
    """Return the network, as CUDA graphs if the environment asks for them."""
    return CudaGraphed(network) if os.environ.get(VARIABLE) == "1" else network


class Recording:
    """One CUDA graph of a network for inputs of fixed shapes."""

    def __init__(self, network: Network, inputs: tuple[Tensor, ...]) -> None:
        self.inputs = tuple(value.clone() for value in inputs)
        self._copied = tuple((value, value._version) for value in inputs)
        self.graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(self.graph):
            self.output = network(*self.inputs)

    def __call__(self, *inputs: Tensor) -> Tensor:
        """Return the network's output in memory of its own, which a later call does not overwrite."""
        for buffer, value, (copied, version) in zip(self.inputs, inputs, self._copied, strict=True):
            if value is not copied or value._version != version:  # conditions stay the same for a run
                buffer.copy_(value)
        self._copied = tuple((value, value._version) for value in inputs)
        self.graph.replay()
        return self.output.clone()


class CudaGraphed:
    """A network that is captured at the second call with each set of shapes, for the run of one denoiser."""

    def __init__(
        self,
        network: Network,
        record: Callable[[Network, tuple[Tensor, ...]], Network] = Recording,
        device_type: str = "cuda",
    ) -> None:
        self.network, self.record, self.device_type = network, record, device_type
        self.calls: Counter[Shapes] = Counter()
        self.recordings: dict[Shapes, Network | None] = {}

    def __call__(self, *inputs: Tensor) -> Tensor:
        """Run the network or replay its graph: the network's inputs -> its output."""
        if inputs[0].device.type != self.device_type:
            return self.network(*inputs)
        shapes = tuple(value.shape for value in inputs)
        if recording := self.recordings.get(shapes):
            return recording(*inputs)
        self.calls[shapes] += 1
        output = self.network(*inputs)
        if self.calls[shapes] == 2:  # the first call has let the libraries choose their kernels
            self.recordings[shapes] = self._verified_recording(inputs, output)
        return output

    def _verified_recording(self, inputs: tuple[Tensor, ...], output: Tensor) -> Network | None:
        try:
            recording = self.record(self.network, inputs)
            error = (recording(*inputs) - output).abs().max() / output.abs().max()
        except RuntimeError as problem:
            LOG.warning("The network runs without a CUDA graph: %s", problem)
            return None
        if not error < TOLERANCE:
            LOG.warning("The network runs without a CUDA graph: the recording was wrong by %.1e.", float(error))
            return None
        return recording
