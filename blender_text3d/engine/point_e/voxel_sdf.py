# SPDX-License-Identifier: GPL-3.0-or-later
"""Signed distance of a cloud on voxels: the small Point-E's network, much faster to train than the official one.

The neighborhood of a point determines which side of a surface it is on. A convolutional network evaluates all points
at once and is translation invariant, so it learns from few shapes.

Source: Peng et al. 2020 (Convolutional Occupancy Networks), section 3, for encoding a cloud with a 3D U-Net;
Ronneberger et al. 2015 for the U-Net. Here its output is coefficients of cubic B-splines, which makes surfaces smooth,
and these are smoothed, since the 8 corners of a voxel come from different channels, which would leave ridges.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ..nn.convolution import Conv3d
from .grid_splines import interpolate_splines, smooth_coefficients, splat_points, spline_lattice

CORNERS = 8
"""Grid points per voxel of the network, 2 x 2 x 2."""


@dataclass(frozen=True)
class VoxelSDFConfig:
    """Size of a signed distance model on voxels.

    Attributes:
        side: voxels per side; must be divisible by 2 for each level after the first.
        widths: channels of each level; each has half the voxels per side of the previous one.
        bound: half the side of the cube that the voxels fill, model space.
        group: number of channels that are normalized together.
    """

    side: int
    widths: tuple[int, ...]
    bound: float = 1.05
    group: int = 8


class ResidualBlock(nn.Module):
    """Two convolutions with a residual connection."""

    def __init__(self, width: int, group: int):
        super().__init__()
        self.ln_1, self.ln_2 = nn.GroupNorm(width // group, width), nn.GroupNorm(width // group, width)
        self.conv_1, self.conv_2 = Conv3d(width, width, 3, padding=1), Conv3d(width, width, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        """Apply the block: (B, D, G, G, G) float32 -> the same shape."""
        h = self.conv_1(F.silu(self.ln_1(x)))
        return x + self.conv_2(F.silu(self.ln_2(h)))


class VoxelPointCloudSDFModel(nn.Module):
    """A U-Net over the voxels that the points fall into; queries interpolate its output."""

    def __init__(self, config: VoxelSDFConfig):
        super().__init__()
        self.config, widths, group = config, config.widths, config.group
        steps = list(zip(widths, widths[1:], strict=False))
        self.input_proj = Conv3d(CORNERS, widths[0], 3, padding=1)
        self.down = nn.ModuleList(ResidualBlock(width, group) for width in widths)
        self.coarser = nn.ModuleList(Conv3d(fine, coarse, 2, stride=2) for fine, coarse in steps)
        self.finer = nn.ModuleList(Conv3d(coarse, fine, 1) for fine, coarse in steps)
        self.up = nn.ModuleList(ResidualBlock(width, group) for width in widths[:-1])
        self.ln_post = nn.GroupNorm(widths[0] // group, widths[0])
        self.output_proj = Conv3d(widths[0], CORNERS, 3, padding=1)
        self.to(memory_format=torch.channels_last_3d)  # type: ignore[call-overload]  # torch's stubs lack it

    def forward(self, cloud: Tensor, query: Tensor) -> Tensor:
        """Return the signed distance (B, M) float32 at query (B, 3, M) of a cloud (B, 3, N), both in model space."""
        return self.query(query, self.encode(cloud))

    def encode(self, cloud: Tensor) -> Tensor:
        """Encode a cloud (B, 3, N) float32 in model space as spline coefficients (B, G, G, G) float32, G = 2 side.

        Loaded weights are contiguous, and so are the features: in channels-last order `group_norm` is less precise.
        """
        density = splat_points(self.to_grid(cloud), 2 * self.config.side)
        h = self.input_proj(space_to_depth(density))
        corners = self.output_proj(F.silu(self.ln_post(self.run_level(h, 0))))
        return smooth_coefficients(depth_to_space(corners.float()))

    def run_level(self, h: Tensor, level: int) -> Tensor:
        """Run the features (B, D, G, G, G) float32 of a level through it and all coarser ones."""
        h = self.down[level](h)
        if level + 1 < len(self.config.widths):
            below = self.run_level(self.coarser[level](h), level + 1)
            h = self.up[level](h + F.interpolate(self.finer[level](below), scale_factor=2.0))
        return h

    def query(self, points: Tensor, encoded: Tensor) -> Tensor:
        """Return the signed distance (B, M) float32, positive inside, at points (B, 3, M) float32 in model space."""
        return interpolate_splines(encoded, self.to_grid(points))

    def lattice(self, along: Tensor, encoded: Tensor) -> Tensor:
        """Return the signed distance (B, M, M, M) float32 at all points with coordinates (M,) float32, model space."""
        return spline_lattice(encoded, self.to_grid(along))

    def to_grid(self, points: Tensor) -> Tensor:
        """Convert coordinates (...) float32 from model space to grid steps from the first grid point."""
        sides = 2 * self.config.side
        return (points / self.config.bound + 1) * (sides / 2) - 0.5


def space_to_depth(values: Tensor) -> Tensor:
    """Rearrange (B, 2 G, 2 G, 2 G) float32 as (B, 8, G, G, G) float32."""
    batch, side = values.shape[0], values.shape[1] // 2
    corners = values.view(batch, side, 2, side, 2, side, 2).permute(0, 2, 4, 6, 1, 3, 5)
    return corners.reshape(batch, CORNERS, side, side, side)


def depth_to_space(corners: Tensor) -> Tensor:
    """Undo `space_to_depth`."""
    batch, _, side = corners.shape[:3]
    values = corners.reshape(batch, 2, 2, 2, side, side, side).permute(0, 4, 1, 5, 2, 6, 3)
    return values.reshape(batch, 2 * side, 2 * side, 2 * side)
