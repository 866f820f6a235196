# SPDX-License-Identifier: GPL-3.0-or-later
"""Points with their neighbors to tokens. Attribute names are exactly those of the official checkpoint.

Source: Qi et al. 2017 (PointNet++), section 3.2, for the grouping; tensor shapes of the released transmitter.
"""

from collections.abc import Sequence
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ...nn.linear import linear
from .encoder_inputs import PerceiverEncoderConfig

CPU_CENTERS, CENTERS = 64, 256
"""Centers whose neighborhoods are in memory at a time: 50 MB of features at the official size, 200 MB on a GPU."""


class PointSetEmbedding(nn.Module):
    """Convolutions along the neighbors of each center, in a random order for each channel, and their mean."""

    def __init__(self, config: PerceiverEncoderConfig):
        super().__init__()
        self.config = config
        channels = [config.width + 3, *config.hidden]
        self.mlp_convs = nn.ModuleList(
            nn.Conv2d(before, after, (config.kernel, 1)) for before, after in zip(channels, config.hidden, strict=False)
        )

    def forward(self, positions: Tensor, features: Tensor, orders: Sequence[Tensor]) -> Tensor:
        """Embed the first points of a cloud with their neighbors.

        Args:
            positions: (N, 3) float32.
            features: (N, width) float32.
            orders: (channels, samples) int64 for each convolution.

        Returns:
            (data_tokens, hidden[-1]) float32.
        """
        centers = positions[: self.config.data_tokens]
        rows = neighbors(positions, centers, self.config.radius, self.config.neighbors)
        size = CPU_CENTERS if positions.device.type == "cpu" else CENTERS
        return torch.cat(
            [
                self.embed(torch.cat([positions[group] - center[:, None], features[group]], dim=2), orders)
                for center, group in zip(centers.split(size), rows.split(size), strict=True)
            ]
        )

    def embed(self, groups: Tensor, orders: Sequence[Tensor]) -> Tensor:
        """Convolve neighborhoods (M, samples, width + 3) float32; returns (M, hidden[-1]) float32."""
        x = groups.transpose(1, 2)
        for index, layer in enumerate(cast(list[nn.Conv2d], self.mlp_convs)):
            if orders:
                x = x.gather(2, orders[index].expand(len(x), -1, -1))
            x = circular_convolution(x, layer.weight[..., 0], layer.bias, self.config.stride)
        return x.mean(dim=2)


def circular_convolution(x: Tensor, weight: Tensor, bias: Tensor | None, stride: int) -> Tensor:
    """Convolve (M, C, L) float32 along its last axis, which is a ring, and apply SiLU.

    Args:
        x: the input.
        weight: (O, C, K) float32; half of K is added at either end.
        bias: (O,) float32.
        stride: step between outputs.

    Returns:
        (M, O, L') float32.
    """
    kernel = weight.shape[2]
    padded = F.pad(x, (kernel // 2, kernel // 2), mode="circular") if kernel > 1 else x
    windows = padded.unfold(2, kernel, stride).permute(0, 2, 1, 3).flatten(2)
    return linear(windows, weight.flatten(1), bias, "silu").transpose(1, 2)


def neighbors(positions: Tensor, centers: Tensor, radius: float, count: int) -> Tensor:
    """Return the first points, by index and not by distance, that are near each center.

    Args:
        positions: (N, 3) float32.
        centers: (M, 3) float32, which are points too, so each has a neighbor.
        radius: largest distance.
        count: number of neighbors; where there are fewer, the first one is repeated.

    Returns:
        (M, count) int64, or (M, N) if there are fewer points.
    """
    total = len(positions)
    squared = -2 * torch.matmul(centers, positions.T)
    squared += centers.square().sum(dim=1)[:, None]
    squared += positions.square().sum(dim=1)
    index = torch.arange(total, dtype=torch.int32, device=positions.device)
    near = torch.where(squared <= radius**2, index, total)
    found = near.topk(min(count, total), dim=1, largest=False, sorted=True).values.long()
    return torch.where(found == total, found[:, :1], found)
