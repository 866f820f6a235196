# SPDX-License-Identifier: GPL-3.0-or-later
"""A network's launches on a GPU are recorded once and replayed: starting many small kernels takes longer than they do.

A recording is trusted only after it gave what the network itself gave for the same input; where it cannot be made, or
is wrong, every call goes to the network as before. On other devices than CUDA nothing is recorded.
Source: PyTorch's notes on CUDA graphs: inputs and outputs keep their addresses, nothing may wait for the device.
"""

import logging
from collections.abc import Callable

import torch
from torch import Tensor

Network = Callable[..., Tensor]
LOG = logging.getLogger(__name__)
TOLERANCE = 1e-2
"""Of the largest output: half precision's rounding, where a library chooses another kernel while recording."""


class Recording:
    """One CUDA graph of a network for inputs of fixed shapes."""

    def __init__(self, network: Network, inputs: tuple[Tensor, ...]):
        self.inputs = tuple(value.clone() for value in inputs)
        self.graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(self.graph):
            self.output = network(*self.inputs)

    def __call__(self, *inputs: Tensor) -> Tensor:
        """The network's output of its own memory: a later call does not change it."""
        for kept, value in zip(self.inputs, inputs, strict=True):
            kept.copy_(value)
        self.graph.replay()
        return self.output.clone()


class CudaGraphed:
    """A network that is recorded at its second call, for the run of one denoiser; shapes must not change in it."""

    def __init__(
        self,
        network: Network,
        record: Callable[[Network, tuple[Tensor, ...]], Network] = Recording,
        device_type: str = "cuda",
    ):
        self.network, self.record, self.device_type = network, record, device_type
        self.calls = 0
        self.recording: Network | None = None

    def __call__(self, *inputs: Tensor) -> Tensor:
        """Inputs as the network's -> its output."""
        if inputs[0].device.type != self.device_type:
            return self.network(*inputs)
        self.calls += 1
        if self.recording is not None:
            return self.recording(*inputs)
        output = self.network(*inputs)
        if self.calls == 2:  # the first call has let the libraries choose their kernels
            self.recording = self._trusted_recording(inputs, output)
        return output

    def _trusted_recording(self, inputs: tuple[Tensor, ...], output: Tensor) -> Network | None:
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
