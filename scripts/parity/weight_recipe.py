# SPDX-License-Identifier: GPL-3.0-or-later
"""Weights made from their names: the recipe by which the recorded networks were filled."""

import zlib

import numpy as np
import torch
from torch import Tensor, nn

KEPT = ("channel_scales", "channel_biases")
"""Buffers that keep their configured values."""


def weights_of(name: str, shape: tuple[int, ...], seed: int) -> Tensor:
    """The tensor called `name` in a checkpoint, float32.

    Two or more dimensions: normal numbers over the root of what one output sums; one dimension: about 1 for weights and
    gains, about 0 for all else.
    """
    drawn = np.random.Generator(np.random.PCG64(zlib.crc32(name.encode()) + seed)).standard_normal(shape)
    values = drawn.astype(np.float32)
    if len(shape) > 1:
        values = values / np.sqrt(np.prod(shape[1:])).astype(np.float32)
    else:
        values = np.float32(0.1) * values + np.float32(name.endswith(("weight", "gain")))
    return torch.from_numpy(np.asarray(values, np.float32))


def filled(network: nn.Module, seed: int) -> nn.Module:
    """The same network with every tensor made from its name, for inference."""
    shapes = {name: tuple(value.shape) for name, value in network.state_dict().items()}
    made = {name: weights_of(name, shape, seed) for name, shape in shapes.items() if name not in KEPT}
    network.load_state_dict(made | {name: network.state_dict()[name] for name in shapes if name in KEPT})
    return network.eval().requires_grad_(False)
