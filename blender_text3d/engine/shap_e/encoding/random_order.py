# SPDX-License-Identifier: GPL-3.0-or-later
"""The random orders of an encoding: even in evaluation the official encoder shuffles neighbors, points and views."""

from dataclasses import dataclass

import torch
from torch import Tensor

from .encoder_inputs import EncoderInputs, PerceiverEncoderConfig


@dataclass(frozen=True)
class RandomOrder:
    """The orders of one encoding; another one moves the latent by a few percent.

    Attributes:
        neighbors: for each convolution (B, channels, samples) int64: the order of the neighbors, each channel's own.
        points: (B, N) int64, of which the first are attended to.
        views: (B, V) int64, of which the first are attended to.
    """

    neighbors: tuple[Tensor, ...]
    points: Tensor
    views: Tensor

    @classmethod
    def from_draws(cls, draws: list[Tensor], points: Tensor, views: Tensor) -> "RandomOrder":
        """Return the orders of uniform numbers (B, channels, samples, 1) float32 for each convolution.

        Args:
            draws: one array per convolution.
            points: (B, N) permutations of the points.
            views: (B, V) permutations of the views.
        """
        return cls(tuple(draw.squeeze(3).argsort(dim=2) for draw in draws), points.long(), views.long())

    @classmethod
    def from_seed(cls, seed: int, inputs: EncoderInputs, config: PerceiverEncoderConfig) -> "RandomOrder":
        """Return the orders that the official encoder draws on the CPU after `torch.manual_seed(seed)`."""
        return cls.from_generator(torch.Generator().manual_seed(seed), inputs, config)

    @classmethod
    def from_generator(
        cls, generator: torch.Generator, inputs: EncoderInputs, config: PerceiverEncoderConfig
    ) -> "RandomOrder":
        """Return the orders drawn from a CPU generator, on the inputs' device.

        They come in the official order: neighbors before each convolution, then points, then views.
        """
        batch, count, views = len(inputs.points), inputs.points.shape[2], inputs.images.shape[1]
        shapes = [(batch, *size, 1) for size in convolution_inputs(config, count)] if config.kernel > 1 else []
        draws = [torch.rand(shape, generator=generator) for shape in shapes]
        orders = [
            torch.stack([torch.randperm(total, generator=generator) for _ in range(batch)]) for total in (count, views)
        ]
        device = inputs.points.device
        return cls.from_draws([draw.to(device) for draw in draws], *(order.to(device) for order in orders))


def convolution_inputs(config: PerceiverEncoderConfig, points: int) -> list[tuple[int, int]]:
    """Return channels and samples that each convolution over the neighbors takes."""
    channels, samples, sizes = config.width + 3, min(config.neighbors, points), []
    for hidden in config.hidden:
        sizes.append((channels, samples))
        channels, samples = hidden, (samples + 2 * (config.kernel // 2) - config.kernel) // config.stride + 1
    return sizes
