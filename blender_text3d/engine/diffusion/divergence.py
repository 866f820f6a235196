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

import torch
from torch import Tensor

MIN_REVERSAL = 0.5
"""Least share of the previous change that an oscillating step undoes."""
MIN_RELATIVE_CHANGE = 0.3
"""Least size of an oscillating step's change, relative to the estimate."""
MAX_OSCILLATIONS = 2
"""Consecutive oscillating steps that count as divergence."""


class DivergenceMonitor:
    """Follows the denoised estimates of a batch; nothing is read from the device before it is asked for."""

    def __init__(self) -> None:
        self._rows: Tensor | None = None  # (B, 3, N): the estimate, and the last two changes in turn
        self._products: list[Tensor] = []
        self._read = 0
        self._oscillations: Tensor | int = 0
        self._diverged: Tensor | None = None

    def update(self, denoised: Tensor) -> None:
        """Add the next estimate (B, ...) float32, in three kernels."""
        estimate = denoised.flatten(1)
        if self._rows is None:
            self._rows = estimate.new_zeros(len(estimate), 3, estimate.shape[1])
        last, change = self._rows[:, 0], self._rows[:, row_of_change(len(self._products))]
        torch.sub(estimate, last, out=change)
        last.copy_(estimate)
        self._products.append(torch.bmm(self._rows, self._rows.transpose(1, 2)))

    @property
    def diverged(self) -> Tensor | None:
        """The samples that have diverged at any step, (B,) bool on the CPU; None before the first step."""
        unread = self._products[self._read :]
        if unread:
            for products in torch.stack(unread).cpu():
                self._follow(products)
        return self._diverged

    def _follow(self, products: Tensor) -> None:
        """Count the oscillations of the next step by the scalar products (B, 3, 3) float32 of the rows."""
        now = row_of_change(self._read)
        diverged = ~products[:, 0, 0].isfinite()
        if self._read > 1:  # the first change is from nothing
            self._oscillations = (self._oscillations + 1) * oscillating(products, now, 3 - now)
            diverged = diverged | (self._oscillations >= MAX_OSCILLATIONS)
        self._diverged = diverged if self._diverged is None else self._diverged | diverged
        self._read += 1


def row_of_change(step: int) -> int:
    """Return the row of the change that a step makes, 1 or 2."""
    return 1 + step % 2


def oscillating(products: Tensor, now: int, before: int) -> Tensor:
    """Return (B,) int64: 1 if a large change undoes the previous one.

    Args:
        products: (B, 3, 3) float32, scalar products of the estimate and the changes.
        now, before: rows of this change and of the previous one.
    """
    is_reversal = products[:, now, before] <= -MIN_REVERSAL * products[:, before, before]
    is_large = products[:, now, now].sqrt() > MIN_RELATIVE_CHANGE * products[:, 0, 0].sqrt()
    return (is_reversal & is_large).long()
