# SPDX-License-Identifier: GPL-3.0-or-later
"""Optimize a latent on the points of its object, with the decoder frozen.

The small encoder guesses a latent in one go and loses thin and small parts that the decoder can show. Steps of gradient
descent bring the surface to the points and the colors to theirs; the space that the encoder's object clearly fills or
leaves empty stays so.

Source: Park et al. 2019 (DeepSDF), section 4.2.
"""

from collections.abc import Generator

import torch
from torch import Tensor

from ..decoder import VectorDecoder

ROUNDS, ROUND_STEPS, RATE = 6, 10, 0.015
"""Rounds of steps of Adam, steps of each, and the rate of the first one, which falls to 0."""
BATCH = 512
"""Points of the object and of the cube in each step."""
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
        refined = start.clone().requires_grad_(True)
        optimizer = torch.optim.Adam([refined], lr=RATE)
    for step in range(ROUNDS * ROUND_STEPS):
        chosen = torch.randint(places.shape[1], (BATCH,), generator=random)
        cube = torch.rand(1, BATCH, 3, generator=random) * 2 - 1
        with torch.inference_mode(False), torch.enable_grad():
            loss = loss_of(decoder, refined, start, places[:, chosen], colors[:, chosen], cube)
            (refined.grad,) = torch.autograd.grad(loss, refined)
        optimizer.param_groups[0]["lr"] = RATE * (1 - step / (ROUNDS * ROUND_STEPS))
        optimizer.step()
        if (step + 1) % ROUND_STEPS == 0:
            yield (step + 1) // ROUND_STEPS
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
