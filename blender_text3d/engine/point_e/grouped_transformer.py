# SPDX-License-Identifier: GPL-3.0-or-later
"""The small Point-E's transformers: as the official ones, but each token holds several points next to each other."""

from torch import Tensor, nn

from ..nn.point_transformer import CaptionPointDiffusionTransformer, PointTransformerConfig
from .upsampler import CLIPImageUpsamplePointDiffusionTransformer

CHANNELS = 6
"""Of one point: x, y, z, red, green, blue."""


def grouped(x: Tensor, group: int) -> Tensor:
    """Points [B, C, N] -> [B, C group, N / group] tokens of `group` points that follow each other."""
    return x.unflatten(2, (-1, group)).transpose(2, 3).flatten(1, 2)


def ungrouped(x: Tensor, group: int) -> Tensor:
    """Undoes `grouped`."""
    return x.unflatten(1, (-1, group)).transpose(2, 3).flatten(2, 3)


class GroupedPoints(nn.Module):
    """A transformer over groups of points; to its caller, over points. The transformer is named `wrapped`."""

    def __init__(self, wrapped: nn.Module, config: PointTransformerConfig):
        super().__init__()
        self.wrapped, self.config = wrapped, config
        self.group = config.input_channels // CHANNELS

    def forward(self, x: Tensor, t: Tensor, *conditions: Tensor) -> Tensor:
        """X [B, 6, N], t [B], what the wrapped network is conditioned on -> [B, 6, N]."""
        return ungrouped(self.wrapped(grouped(x, self.group), t, *conditions), self.group)


class GroupedBase(GroupedPoints):
    """Conditioned on a caption [B, K, 1 + words]. Its points have places: place i lies in one region of space."""

    def __init__(self, config: PointTransformerConfig):
        super().__init__(CaptionPointDiffusionTransformer(config), config)


class GroupedUpsampler(GroupedPoints):
    """Conditioned on a caption [B, K, 1 + words], of which it takes the vector, and a coarse cloud.

    The coarse cloud [B, 6, M] is in model space and RGB 0..255. The groups begin around its points, one around each.
    """

    def __init__(self, config: PointTransformerConfig):
        super().__init__(CLIPImageUpsamplePointDiffusionTransformer(config), config)

    def forward(self, x: Tensor, t: Tensor, condition: Tensor, low_res: Tensor) -> Tensor:
        """X [B, 6, N], t [B], a caption, a coarse cloud -> [B, 6, N]."""
        return super().forward(x, t, condition[:, :, 0], low_res)
