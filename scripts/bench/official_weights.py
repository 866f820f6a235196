# SPDX-License-Identifier: GPL-3.0-or-later
"""Random weights that are the same for both engines."""

import torch
from torch import nn


def with_random_weights(network: nn.Module) -> nn.Module:
    """Fill a network with small random weights, allocating an empty one; faster than the parity recipe."""
    generator = torch.Generator().manual_seed(1)
    network = network.to_empty(device="cpu") if any(p.is_meta for p in network.parameters()) else network
    for name, value in network.state_dict().items():
        if value.dim() > 1:
            value.normal_(0, value[0].numel() ** -0.5, generator=generator)
        elif not name.startswith("channel_"):
            value.fill_(float(name.endswith(("weight", "gain"))))
    return network.eval().requires_grad_(False)
