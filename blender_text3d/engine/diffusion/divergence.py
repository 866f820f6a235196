# SPDX-License-Identifier: GPL-3.0-or-later
"""Detection of multistep runs that diverge.

A multistep solver extrapolates the network's estimates. If guidance makes the equation stiff, each step overshoots in
the opposite direction of the one before, and the estimates oscillate instead of converging. They are clamped and so
stay finite, which is why oscillation is the criterion: two consecutive steps that each undo at least half of the
previous change, while the change is still a large part of the estimate itself.

Measured on the small Shap-E with 32 prompts in 16, 20 and 25 steps: of 384 runs with guidance 1 to 8 none was stopped,
and none ended 40 % or more from the official run of 64 steps. With guidance 15, 51 of 96 did, and 27 of those were
stopped; no run that ended within 20 % was stopped. The other 24 were far off without oscillating: they need more steps.
"""

from dataclasses import dataclass, field

import torch
from torch import Tensor

MIN_REVERSAL = 0.5
"""Least share of the previous change that an oscillating step undoes."""
MIN_RELATIVE_CHANGE = 0.3
"""Least size of an oscillating step's change, relative to the estimate."""
MAX_OSCILLATIONS = 2
"""Consecutive oscillating steps that count as divergence."""


@dataclass
class DivergenceMonitor:
    """Follows the denoised estimates of a batch without synchronizing with the device.

    Attributes:
        diverged: (B,) bool on the device, the samples that have diverged at any step; None before the first step.
    """

    diverged: Tensor | None = None
    _estimate: Tensor | None = field(default=None, repr=False)
    _change: Tensor | None = field(default=None, repr=False)
    _oscillations: Tensor | int = 0

    def update(self, denoised: Tensor) -> Tensor:
        """Add the next estimate (B, ...) float32 and return `diverged`."""
        estimate = denoised.flatten(1).float()
        diverged = ~torch.isfinite(estimate).all(1)
        if self._estimate is not None:
            change = estimate - self._estimate
            if self._change is not None:
                self._oscillations = (self._oscillations + 1) * oscillating(estimate, change, self._change)
                diverged = diverged | (self._oscillations >= MAX_OSCILLATIONS)
            self._change = change
        self._estimate = estimate
        self.diverged = diverged if self.diverged is None else self.diverged | diverged
        return self.diverged


def oscillating(estimate: Tensor, change: Tensor, previous_change: Tensor) -> Tensor:
    """Return (B,) int64: 1 if a large change (B, N) float32 undoes the previous one."""
    is_reversal = (change * previous_change).sum(1) <= -MIN_REVERSAL * previous_change.square().sum(1)
    is_large = change.norm(dim=1) > MIN_RELATIVE_CHANGE * estimate.norm(dim=1)
    return (is_reversal & is_large).long()
