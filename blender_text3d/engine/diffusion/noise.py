# SPDX-License-Identifier: GPL-3.0-or-later
"""The random numbers of a run, in the official order.

The order is: x_T of the first stage, then one draw shaped like x at each step of the official solver, with or without
churn, then the same for the next stage. The multistep solver draws nothing after x_T. So one `Noise` of seed s, passed
through all stages, draws what `torch.manual_seed(s)` and the official sampler draw on a CPU.
"""

from collections.abc import Sequence

import torch
from torch import Tensor


class Noise:
    """Standard normal numbers from one stream per sample, drawn on the CPU so that every device gets the same."""

    def __init__(self, seeds: int | Sequence[int]) -> None:
        """Take one seed per sample of the batch, so that a sample is the same alone and in a batch."""
        self._streams = [torch.Generator().manual_seed(seed) for seed in ([seeds] if isinstance(seeds, int) else seeds)]

    def draw(self, shape: Sequence[int], device: torch.device | str = "cpu") -> Tensor:
        """Return the next numbers of each stream, (B, *shape) float32, on a device."""
        drawn = [torch.randn(*shape, generator=stream) for stream in self._streams]
        return torch.stack(drawn).to(device, non_blocking=True)

    def __call__(self, like: Tensor) -> Tensor:
        """Return numbers shaped like a tensor (B, ...), for a solver's `noise`."""
        return self.draw(like.shape[1:], like.device)
