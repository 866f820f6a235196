# SPDX-License-Identifier: GPL-3.0-or-later
"""The small Point-E's transformers: like the official ones, but each token holds several neighboring points."""

from torch import Tensor, nn

from ..nn.point_transformer import CaptionPointDiffusionTransformer, PointTransformerConfig
from .upsampler import CLIPImageUpsamplePointDiffusionTransformer, UpsamplerConfig

CHANNELS = 6
"""Channels of one point: x, y, z, red, green, blue."""


def group_points(x: Tensor, group: int) -> Tensor:
    """Group points (B, C, N) float into tokens (B, C group, N / group) float of `group` consecutive points."""
    return x.unflatten(2, (-1, group)).transpose(2, 3).flatten(1, 2)


def ungroup_points(x: Tensor, group: int) -> Tensor:
    """Undo `group_points`."""
    return x.unflatten(1, (-1, group)).transpose(2, 3).flatten(2, 3)


class GroupedPoints(nn.Module):
    """A transformer over groups of points with the interface of one over points. The transformer is named `wrapped`."""

    def __init__(self, wrapped: nn.Module, config: PointTransformerConfig):
        super().__init__()
        self.wrapped, self.config = wrapped, config
        self.group = config.input_channels // CHANNELS

    def evaluate(self, x: Tensor, t: Tensor, *conditions: Tensor) -> Tensor:
        """Evaluate x (B, 6, N) float at t (B,) int64 under the wrapped network's conditions: (B, 6, N) float."""
        return ungroup_points(self.wrapped(group_points(x, self.group), t, *conditions), self.group)


class GroupedBase(GroupedPoints):
    """Conditioned on a caption (B, K, 1 + words) float. Its points are ordered: point i is in one region of space."""

    def __init__(self, config: PointTransformerConfig):
        super().__init__(CaptionPointDiffusionTransformer(config), config)

    def forward(self, x: Tensor, t: Tensor, condition: Tensor) -> Tensor:
        """Evaluate x (B, 6, N) float at t (B,) int64 for a caption: (B, 6, N) float."""
        return self.evaluate(x, t, condition)


class GroupedUpsampler(GroupedPoints):
    """Conditioned on the vector of a caption (B, K, 1 + words) float and on a coarse cloud.

    The coarse cloud (B, 6, M) float is in model space and RGB 0..255. One group starts around each of its points.
    """

    def __init__(self, config: UpsamplerConfig):
        super().__init__(CLIPImageUpsamplePointDiffusionTransformer(config), config)

    def forward(self, x: Tensor, t: Tensor, condition: Tensor, low_res: Tensor) -> Tensor:
        """Evaluate x (B, 6, N) float at t (B,) int64 for a caption and a coarse cloud: (B, 6, N) float."""
        return self.evaluate(x, t, condition[:, :, 0], low_res)
