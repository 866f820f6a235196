# SPDX-License-Identifier: GPL-3.0-or-later
"""Guidance that is evaluated at some steps of a run and reused at those between, which take half of the time.

Guidance adds a multiple of the difference between the conditional and the unconditional half. That difference changes
slowly: at high noise levels it hardly depends on x, and at low ones it keeps its direction. So a step may take it from
the one before, and then needs the conditional half alone.

Source: Lv et al. 2024 (FasterCache), section 3.3, which reuses the difference between steps, corrected by frequency;
Kynkäänniemi et al. 2024 (Applying Guidance in a Limited Interval), which leaves guidance out at high and low levels.
"""

from torch import Tensor

from .denoiser import Denoiser, GuidedDenoiser


class ReusedGuidance:
    """A denoiser for one run that evaluates the unconditional half at every n-th step."""

    def __init__(self, denoiser: GuidedDenoiser, every: int) -> None:
        self.denoiser, self.every = denoiser, every
        self._calls = 0
        self._difference: Tensor | None = None

    def __call__(self, x: Tensor, sigma: float) -> Tensor:
        """Return the guided estimate for x (B, ...) float32 at a noise level, of the same shape."""
        is_due = self._calls % self.every == 0
        self._calls += 1
        if is_due or self._difference is None:
            conditional, unconditional = self.denoiser.halves(x, sigma)
            self._difference = conditional - unconditional
            return unconditional + self.denoiser.guidance * self._difference
        return self.denoiser.conditional(x, sigma) + (self.denoiser.guidance - 1.0) * self._difference


def with_reused_guidance(denoise: Denoiser, every: int) -> Denoiser:
    """Return a denoiser for one run that evaluates guidance at every n-th step; the given one if that is each."""
    is_guided = isinstance(denoise, GuidedDenoiser) and denoise.is_guided
    return ReusedGuidance(denoise, every) if is_guided and every > 1 else denoise
