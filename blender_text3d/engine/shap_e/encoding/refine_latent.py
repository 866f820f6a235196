# SPDX-License-Identifier: GPL-3.0-or-later
"""Optimize a latent on the points and the views of its object, with the decoder frozen.

The small encoder guesses a latent in one go: it loses thin and small parts that the decoder can show, and turns what is
unlike the objects that it learned into one of them. Steps of gradient descent bring the surface to the object's points
and the colors to theirs, and the field to the signed distances around them.

The steps are Adam's, by its formulas: the first `torch.optim` of a process imports PyTorch's compiler, for a second
(`findings/pytorch-optimizer-loads-the-compiler.sh`).

Source: Park et al. 2019 (DeepSDF), section 4.2; Kingma and Ba 2015 (Adam), algorithm 1.
"""

from collections.abc import Generator
from typing import NamedTuple

import torch
from torch import Tensor

from ..decoder import VectorDecoder

ROUNDS, ROUND_STEPS, RATE = 10, 30, 0.02
"""Rounds of steps of Adam, steps of each, and the rate of the first one, which falls to 0."""
SURFACE_BATCH, SPACE_BATCH = 512, 1024
"""Points of the surface and around it in each step."""
MEAN_DECAY, SQUARE_DECAY, EPSILON = 0.9, 0.999, 1e-8
"""Adam's."""
COLOR_WEIGHT, SPACE_WEIGHT = 2.5, 2.0
SHARPNESS = 12.5
"""The field is tanh(SHARPNESS * distance), positive inside, as in the training of the autoencoder."""
SPACING = 0.01
"""Distances are those to points of the surface, and so longer than those to the surface by about this."""


class Target(NamedTuple):
    """The surface and the signed distances to fit, in model space and on the CPU.

    Attributes:
        places, colors: (N, 3) float32 points of its surface, and their sRGB 0..1.
        points, distances: (M, 3) float32 points around it, and (M,) float32 distances to it, positive inside.
    """

    places: Tensor
    colors: Tensor
    points: Tensor
    distances: Tensor

    def field(self) -> Tensor:
        """Return the field (M,) float32 that the points around the object should have."""
        length = (self.distances.abs() - SPACING).clamp(min=0)
        return torch.tanh(SHARPNESS * length) * self.distances.sign()


def refined_latent(decoder: VectorDecoder, latent: Tensor, target: Target, seed: int) -> Generator[int, None, Tensor]:
    """Yield the number of completed rounds; return the refined latent (D,) float32 in -1..1.

    Args:
        decoder: the decoder, on the CPU like all tensors here: the steps are too small for a GPU.
        latent: (D,) float32, the encoder's.
        target: the object.
        seed: determines the points of each step.
    """
    random = torch.Generator().manual_seed(seed)
    with torch.inference_mode(False):
        refined = latent.detach().clone()[None]
        places, colors, points, field = (
            value.detach().clone() for value in (target.places, target.colors, target.points, target.field())
        )
    mean, square = torch.zeros_like(refined), torch.zeros_like(refined)
    for step in range(1, ROUNDS * ROUND_STEPS + 1):
        at = torch.randint(len(places), (SURFACE_BATCH,), generator=random)
        around = torch.randint(len(points), (SPACE_BATCH,), generator=random)
        with torch.inference_mode(False), torch.enable_grad():
            refined.requires_grad_(True)
            loss = loss_of(decoder, refined, places[at], colors[at], points[around], field[around])
            (slope,) = torch.autograd.grad(loss, refined)
        with torch.inference_mode(False), torch.no_grad():
            mean = MEAN_DECAY * mean + (1 - MEAN_DECAY) * slope
            square = SQUARE_DECAY * square + (1 - SQUARE_DECAY) * slope.square()
            root = (square / (1 - SQUARE_DECAY**step)).sqrt() + EPSILON
            rate = RATE * (1 - (step - 1) / (ROUNDS * ROUND_STEPS))
            refined = refined - rate * mean / (1 - MEAN_DECAY**step) / root
        if step % ROUND_STEPS == 0:
            yield step // ROUND_STEPS
    return refined.detach().clamp(-1.0, 1.0)[0]


def loss_of(
    decoder: VectorDecoder, latent: Tensor, places: Tensor, colors: Tensor, points: Tensor, field: Tensor
) -> Tensor:
    """Return the loss of a latent (1, D).

    Args:
        decoder: the decoder.
        latent: float32.
        places, colors: (N, 3) float32 points of the surface and their sRGB.
        points, field: (M, 3) and (M,) float32 points around it and the field there.
    """
    channels = decoder(latent, torch.cat([places, points])[None])[0]
    values, own_colors = channels[:, 0].tanh(), channels[: len(places), 3:6].sigmoid()
    at_surface, around = values[: len(places)], values[len(places) :] - field
    return size_of(at_surface) + COLOR_WEIGHT * size_of(own_colors - colors, 0.5) + SPACE_WEIGHT * size_of(around)


def size_of(errors: Tensor, weight: float = 1.0) -> Tensor:
    """Return the mean of the absolute values, with a weight, and of the squares of errors."""
    return weight * errors.abs().mean() + errors.square().mean()
