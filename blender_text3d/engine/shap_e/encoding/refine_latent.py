# SPDX-License-Identifier: GPL-3.0-or-later
"""Optimize a latent on the points of its object, with the decoder frozen.

The small encoder guesses a latent in one go and loses thin and small parts that the decoder can show. Steps of gradient
descent bring the surface to the points and the colors to theirs; the space that the encoder's object clearly fills or
leaves empty stays so.

The steps are Adam's, by its formulas: the first `torch.optim` of a process imports PyTorch's compiler, for a second
(`findings/pytorch-optimizer-loads-the-compiler.sh`).

Source: Park et al. 2019 (DeepSDF), section 4.2; Kingma and Ba 2015 (Adam), algorithm 1.
"""

from collections.abc import Generator

import torch
from torch import Tensor

from ..decoder import VectorDecoder

ROUNDS, ROUND_STEPS, RATE = 6, 10, 0.015
"""Rounds of steps of Adam, steps of each, and the rate of the first one, which falls to 0."""
BATCH = 512
"""Points of the object and of the cube in each step."""
MEAN_DECAY, SQUARE_DECAY, EPSILON = 0.9, 0.999, 1e-8
"""Adam's."""
COLOR_WEIGHT, KEEP_WEIGHT = 2.5, 1.0
CLEAR = 0.8
"""Where the hyperbolic tangent of the encoder's distance is beyond this, inside and outside are clear."""


def refined_latent(
    decoder: VectorDecoder, latent: Tensor, places: Tensor, colors: Tensor, seed: int
) -> Generator[int, None, Tensor]:
    """Yield the number of completed rounds; return the refined latent (D,) float32 in -1..1.

    Args:
        decoder: The decoder, on the CPU like all tensors here.
        latent: (D,) float32, the encoder's.
        places: (N, 3) float32 points on the object's surface, in model space.
        colors: (N, 3) float32 sRGB 0..1.
        seed: Determines the points of each step.
    """
    random = torch.Generator().manual_seed(seed)
    with torch.inference_mode(False):
        start, places, colors = (values.detach().clone()[None] for values in (latent, places, colors))
        refined, mean, square = start.clone(), torch.zeros_like(start), torch.zeros_like(start)
    for step in range(1, ROUNDS * ROUND_STEPS + 1):
        chosen = torch.randint(places.shape[1], (BATCH,), generator=random)
        cube = torch.rand(1, BATCH, 3, generator=random) * 2 - 1
        with torch.inference_mode(False), torch.enable_grad():
            refined.requires_grad_(True)
            loss = loss_of(decoder, refined, start, places[:, chosen], colors[:, chosen], cube)
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
    decoder: VectorDecoder, latent: Tensor, start: Tensor, places: Tensor, colors: Tensor, cube: Tensor
) -> Tensor:
    """Return the loss of a latent (1, D): at points of the surface, and at points (1, M, 3) of the cube."""
    at_surface, anywhere = decoder(latent, torch.cat([places, cube], 1)).split([places.shape[1], cube.shape[1]], 1)
    field, difference = at_surface[..., 0].tanh(), at_surface[..., 3:6].sigmoid() - colors
    surface = field.abs().mean() + field.square().mean()
    color = 0.5 * difference.abs().mean() + difference.square().mean()
    with torch.no_grad():
        before = decoder(start, cube)[..., 0].tanh()
    kept = ((anywhere[..., 0].tanh() - before).abs() * (before.abs() > CLEAR)).mean()
    return surface + COLOR_WEIGHT * color + KEEP_WEIGHT * kept
