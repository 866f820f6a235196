# SPDX-License-Identifier: GPL-3.0-or-later
"""GPUs that are not there: tensors that say "cuda:0" or "mps:0", with their numbers in the CPU's memory.

They find, on a machine without a GPU, what breaks or stalls on one: tensors of two devices in one operation, types and
operations that the device lacks, sums that overflow in half precision, waits of the host, and what a CUDA graph cannot
hold; and they count kernels. Every operation runs on the CPU in the type that was asked for, so control flow that
depends on data runs, too. They cannot show speed, memory, the kernels' own rounding, or more than one stream.

    with simulated_cuda() as counts:
        network.to("cuda")(torch.zeros(1, 3, device="cuda"))
    counts.waits, counts.launches

Source: PyTorch's notes on extending it with `__torch_dispatch__` and `__torch_function__`. Checked with torch 2.13.
"""

from .counts import Counts, UnsupportedByDevice, WrongDevice
from .device import simulated_cuda, simulated_mps

__all__ = ["Counts", "UnsupportedByDevice", "WrongDevice", "simulated_cuda", "simulated_mps"]
