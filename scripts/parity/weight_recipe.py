# SPDX-License-Identifier: GPL-3.0-or-later
"""Weights generated from their names: the recipe of the recorded networks."""

import zlib

import numpy as np
import torch
from torch import Tensor, nn

CONFIGURED_BUFFERS = ("channel_scales", "channel_biases")
"""Buffers that keep their configured values."""


def recipe_weights(name: str, shape: tuple[int, ...], seed: int) -> Tensor:
    """Return the tensor named `name` in a checkpoint, float32.

    Two or more dimensions: normal numbers divided by the square root of the number of inputs; one dimension: about 1
    for weights and gains, about 0 for everything else.
    """
    drawn = np.random.Generator(np.random.PCG64(zlib.crc32(name.encode()) + seed)).standard_normal(shape)
    values = drawn.astype(np.float32)
    if len(shape) > 1:
        values = values / np.sqrt(np.prod(shape[1:])).astype(np.float32)
    else:
        values = np.float32(0.1) * values + np.float32(name.endswith(("weight", "gain")))
    return torch.from_numpy(np.asarray(values, np.float32))


def fill_weights(network: nn.Module, seed: int) -> nn.Module:
    """Generate every tensor of a network from its name, for inference; return the network."""
    shapes = {name: tuple(value.shape) for name, value in network.state_dict().items()}
    generated = {
        name: recipe_weights(name, shape, seed) for name, shape in shapes.items() if name not in CONFIGURED_BUFFERS
    }
    network.load_state_dict(
        generated | {name: network.state_dict()[name] for name in shapes if name in CONFIGURED_BUFFERS}
    )
    return network.eval().requires_grad_(False)
