# SPDX-License-Identifier: GPL-3.0-or-later
"""A cloud becomes a signed distance by way of voxels: the small Point-E's, much quicker to train than the official one.

Which side of a surface a place is on is known by what lies around it. A network of convolutions finds that out for all
places at once, and is the same everywhere, so that few shapes teach it.

Source: Peng et al. 2020 (Convolutional Occupancy Networks), section 3, for reading a cloud by a 3D U-Net; Ronneberger
et al. 2015 for that. What it writes are coefficients of cubic B-splines here, which makes surfaces smooth.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .grid_splines import splatted, spline_values

CORNERS = 8
"""Each voxel of the network holds 2 x 2 x 2 of the lattice."""


@dataclass(frozen=True)
class VoxelSDFConfig:
    """Size of a signed distance model on voxels.

    Attributes:
        side: voxels a side; can be halved for each level but the first.
        widths: channels of each level; each has half the voxels a side of the one before.
        bound: half the side of the cube that the voxels fill.
        group: how many channels are normalised together.
    """

    side: int
    widths: tuple[int, ...]
    bound: float = 1.05
    group: int = 8


class ResidualBlock(nn.Module):
    """Two convolutions, and what came in."""

    def __init__(self, width: int, group: int):
        super().__init__()
        self.ln_1, self.ln_2 = nn.GroupNorm(width // group, width), nn.GroupNorm(width // group, width)
        self.conv_1, self.conv_2 = nn.Conv3d(width, width, 3, padding=1), nn.Conv3d(width, width, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        """[B, D, G, G, G] -> the same."""
        h = self.conv_1(F.silu(self.ln_1(x)))
        return x + self.conv_2(F.silu(self.ln_2(h)))


class VoxelPointCloudSDFModel(nn.Module):
    """A U-Net reads the voxels that the points fall into; every query then interpolates what it wrote."""

    def __init__(self, config: VoxelSDFConfig):
        super().__init__()
        self.config, widths, group = config, config.widths, config.group
        steps = list(zip(widths, widths[1:], strict=False))
        self.input_proj = nn.Conv3d(CORNERS, widths[0], 3, padding=1)
        self.down = nn.ModuleList(ResidualBlock(width, group) for width in widths)
        self.coarser = nn.ModuleList(nn.Conv3d(fine, coarse, 2, stride=2) for fine, coarse in steps)
        self.finer = nn.ModuleList(nn.Conv3d(coarse, fine, 1) for fine, coarse in steps)
        self.up = nn.ModuleList(ResidualBlock(width, group) for width in widths[:-1])
        self.ln_post = nn.GroupNorm(widths[0] // group, widths[0])
        self.output_proj = nn.Conv3d(widths[0], CORNERS, 3, padding=1)
        self.to(memory_format=torch.channels_last_3d)

    def forward(self, cloud: Tensor, query: Tensor) -> Tensor:
        """Cloud [B, 3, N], query [B, 3, M], both in model space -> signed distance [B, M]."""
        return self.query(query, self.encode(cloud))

    def encode(self, cloud: Tensor) -> Tensor:
        """[B, 3, N] in model space -> [B, 2 side, 2 side, 2 side] coefficients of splines, all that queries need."""
        seen = splatted(self.in_lattice(cloud), 2 * self.config.side)
        h = self.input_proj(parted(seen).contiguous(memory_format=torch.channels_last_3d))
        return joined(self.output_proj(F.silu(self.ln_post(self.through(h, 0)))).float())

    def through(self, h: Tensor, level: int) -> Tensor:
        """[B, D, G, G, G] of a level through it and all coarser ones."""
        h = self.down[level](h)
        if level + 1 < len(self.config.widths):
            below = self.through(self.coarser[level](h), level + 1)
            h = self.up[level](h + F.interpolate(self.finer[level](below), scale_factor=2.0))
        return h

    def query(self, points: Tensor, encoded: Tensor) -> Tensor:
        """[B, 3, M] in model space, of what `encode` gave -> signed distance [B, M]; positive inside."""
        return spline_values(encoded, self.in_lattice(points))

    def in_lattice(self, points: Tensor) -> Tensor:
        """[B, 3, N] in model space -> the same in lattice steps from the lattice's first point."""
        sides = 2 * self.config.side
        return (points / self.config.bound + 1) * (sides / 2) - 0.5


def parted(lattice: Tensor) -> Tensor:
    """[B, 2 G, 2 G, 2 G] -> [B, 8, G, G, G]."""
    batch, side = lattice.shape[0], lattice.shape[1] // 2
    corners = lattice.view(batch, side, 2, side, 2, side, 2).permute(0, 2, 4, 6, 1, 3, 5)
    return corners.reshape(batch, CORNERS, side, side, side)


def joined(corners: Tensor) -> Tensor:
    """Undoes `parted`."""
    batch, _, side = corners.shape[:3]
    lattice = corners.reshape(batch, 2, 2, 2, side, side, side).permute(0, 4, 1, 5, 2, 6, 3)
    return lattice.reshape(batch, 2 * side, 2 * side, 2 * side)
