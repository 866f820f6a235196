# SPDX-License-Identifier: GPL-3.0-or-later
"""Where all of a run's random numbers come from, in the official order.

The order is: x_T of the first stage, then one draw shaped like x at each of the official solver's steps, churn or not,
then the same of the next stage. The multistep solver draws nothing after x_T. So one `Noise` of seed s, handed through
all stages, draws what `torch.manual_seed(s)` and the official sampler draw on a CPU.
"""

from collections.abc import Sequence

import torch
from torch import Tensor


class Noise:
    """Standard normal numbers, one stream a sample, drawn on the CPU so that every device sees the same."""

    def __init__(self, seeds: int | Sequence[int]):
        """seeds: one for each sample of a batch, so that a sample is the same alone and in company."""
        self._streams = [torch.Generator().manual_seed(seed) for seed in ([seeds] if isinstance(seeds, int) else seeds)]

    def draw(self, shape: Sequence[int], device: torch.device | str = "cpu") -> Tensor:
        """[B, *shape] float32 on a device, the next numbers of each stream."""
        drawn = [torch.randn(*shape, generator=stream) for stream in self._streams]
        return torch.stack(drawn).to(device, non_blocking=True)

    def __call__(self, like: Tensor) -> Tensor:
        """As many as `like` [B, ...] holds, for a solver's `noise`."""
        return self.draw(like.shape[1:], like.device)
