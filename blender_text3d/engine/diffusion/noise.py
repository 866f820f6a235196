# SPDX-License-Identifier: GPL-3.0-or-later
"""The random numbers of a run, in the official order.

The order is: x_T of the first stage, then one draw shaped like x at each step of the official solver, with or without
churn, then the same for the next stage. The multistep solver draws nothing after x_T. So one `Noise` of seed s, passed
through all stages, draws what `torch.manual_seed(s)` and the official sampler draw on a CPU.
"""

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from ..device import moved


class Noise:
    """Standard normal numbers for each sample, drawn on the CPU so that every device gets the same."""

    def __init__(self, seeds: int | Sequence[int], variations: Sequence[Sequence[tuple[int, float]]] = ()) -> None:
        """Take one seed per sample of the batch, so that a sample is the same alone and in a batch.

        Args:
            seeds: one seed per sample.
            variations: per sample the seeds and strengths of streams to blend in, in order; none by default.
        """
        seeds = [seeds] if isinstance(seeds, int) else seeds
        self._streams = [
            BlendedStream(seed, pairs) for seed, pairs in zip(seeds, variations or [()] * len(seeds), strict=True)
        ]

    def draw(self, shape: Sequence[int], device: torch.device | str = "cpu") -> Tensor:
        """Return the next numbers of each sample, (B, *shape) float32, on a device."""
        return moved(torch.stack([stream.draw(shape) for stream in self._streams]), device)

    def __call__(self, like: Tensor) -> Tensor:
        """Return numbers shaped like a tensor (B, ...), for a solver's `noise`."""
        return self.draw(like.shape[1:], like.device)


class BlendedStream:
    """The numbers of one seed, with those of other seeds blended in one after the other.

    All draws of a run are blended, so the strength leads steadily from one seed's object to the other's.
    """

    def __init__(self, seed: int, variations: Sequence[tuple[int, float]] = ()) -> None:
        self._stream = torch.Generator().manual_seed(seed)
        self._others = [(torch.Generator().manual_seed(other), strength) for other, strength in variations]

    def draw(self, shape: Sequence[int]) -> Tensor:
        """Return the next numbers, (*shape) float32."""
        drawn = torch.randn(*shape, generator=self._stream)
        for stream, strength in self._others:
            drawn = blended(drawn, torch.randn(*shape, generator=stream), strength)
        return drawn


def blended(noise: Tensor, other: Tensor, strength: float) -> Tensor:
    """Return a spherical blend of two independent standard normal noises, which is standard normal again.

    Independent noises are orthogonal but for chance, so their angle counts as 90°: at 0 the result is exactly the
    first noise, at 1 the other.

    Source: Shoemake 1985 (Animating Rotation with Quaternion Curves), section 3.3, for an angle of 90°.
    """
    angle = strength * math.pi / 2
    return math.sin(math.pi / 2 - angle) * noise + math.sin(angle) * other
