# SPDX-License-Identifier: GPL-3.0-or-later
"""Guidance that is reused between the first steps of a run, which then take half of the time.

Guidance adds a multiple of the difference between the conditional and the unconditional half. At high noise levels that
difference hardly depends on x, so a step may take it from the one before, and needs the conditional half alone. Toward
the end every error of it, multiplied by the guidance scale, stays in the result, so there it is always evaluated.

Source: Lv et al. 2024 (FasterCache), section 3.3, which reuses the difference between steps, corrected by frequency;
Kynkäänniemi et al. 2024 (Applying Guidance in a Limited Interval), which leaves guidance out at high and low levels.
"""

import torch
from torch import Tensor

from .denoiser import Denoiser, GuidedDenoiser


class ReusedGuidance:
    """A denoiser for one run that evaluates the unconditional half at every n-th of the first steps."""

    def __init__(self, denoiser: GuidedDenoiser, every: int, steps: int) -> None:
        self.denoiser, self.every, self.steps = denoiser, every, steps
        self._calls = 0
        self._difference: Tensor | None = None

    def __call__(self, x: Tensor, sigma: float) -> Tensor:
        """Return the guided estimate for x (B, ...) float32 at a noise level, of the same shape."""
        is_due = (self._calls + 1) % self.every == 0 or 2 * self._calls > self.steps
        self._calls += 1
        if is_due or self._difference is None:
            conditional, unconditional = self.denoiser.halves(x, sigma)
            self._difference = conditional - unconditional
            return torch.add(unconditional, self._difference, alpha=self.denoiser.guidance)
        return torch.add(self.denoiser.conditional(x, sigma), self._difference, alpha=self.denoiser.guidance - 1.0)


def with_reused_guidance(denoise: Denoiser, every: int, steps: int) -> Denoiser:
    """Return a denoiser for one run that reuses guidance, or the given one if it has none or evaluates it always.

    Args:
        denoise: the plain denoiser.
        every: guidance is evaluated at every n-th step of the first half of the steps, and at all later ones.
        steps: number of steps of the run, with one evaluation each.
    """
    if every > 1 and isinstance(denoise, GuidedDenoiser) and denoise.is_guided:
        return ReusedGuidance(denoise, every, steps)
    return denoise
