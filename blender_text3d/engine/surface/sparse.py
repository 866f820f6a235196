# SPDX-License-Identifier: GPL-3.0-or-later
"""Sampling of a field only near its surface.

The grid is divided into blocks, and the field is evaluated at their corners. Blocks that may contain surface are split
into pieces of half the side, whose corners are evaluated too; pieces that may contain surface are sampled at every
point. Then the surface is followed: if it leaves a sampled piece through a side, the neighboring piece is sampled too.
The remaining pieces have no surface on any side and get the sign of their corners. Surface is missed only if it is
completely inside pieces whose corners are not near it.
"""

from collections.abc import Callable

import torch
from torch import Tensor

from .active_blocks import candidate_blocks, candidate_pieces, change_across, is_outermost
from .blocks import Blocks
from .field import Field, field_values
from .grid import FieldCache, Samples, grid_points


def sparse_samples(
    field: Field,
    grid: int,
    bound: float,
    device: torch.device,
    *,
    level: float = 0.0,
    coarse: int = 4,
    seeds: Tensor | None = None,
) -> Samples:
    """Sample a field near its surface only.

    Args:
        field: positive inside.
        grid: grid points per side.
        bound: half the side of the sampled cube, model space.
        device: device of the points.
        level: the value at the surface.
        coarse: cells per block side; even.
        seeds: (S, 3) float32 points in model space near the surface; visited if nothing was found around them.

    Returns:
        The samples; values that were not evaluated have the sign of their piece's corners.
    """
    cache = FieldCache(lambda flat: field_values(field, grid_points(flat, grid, bound)), grid, device)
    search = SurfaceSearch(cache, Blocks(grid, coarse, device), level)
    search.start()
    search.follow_surface()
    if seeds is not None and len(seeds):
        search.visit_seeds(search.pieces.containing(seeds, bound))
        search.follow_surface()
    return Samples(search.filled(), int(search.samples.is_known.sum()))


def sparse_lattice(
    values_at: Callable[[Tensor], Tensor], grid: int, device: torch.device, level: float, coarse: int = 4
) -> Tensor:
    """Return a field's values (grid, grid, grid) float32 near its surface, see `sparse_samples`.

    Args:
        values_at: flat indices of grid points (M,) int64 -> values (M,) float32, positive inside.
        grid: grid points per side.
        device: device of the indices.
        level: the value at the surface.
        coarse: cells per block side; even.
    """
    search = SurfaceSearch(FieldCache(values_at, grid, device), Blocks(grid, coarse, device), level)
    search.start()
    search.follow_surface()
    return search.filled()


class SurfaceSearch:
    """Search for the surface of a field on a grid.

    Attributes:
        blocks, pieces: division of the grid into blocks, and into pieces of half their side.
        is_refined: (side, side, side) bool, blocks whose pieces' corners are known.
        is_queued: (side, side, side) bool, pieces to sample at every point, including those that are done.
        is_sampled: (side, side, side) bool, pieces that are done.
    """

    def __init__(self, samples: FieldCache, blocks: Blocks, level: float) -> None:
        self.samples, self.blocks, self.pieces, self.level = samples, blocks, blocks.halves(), level
        self.is_refined = torch.zeros([self.blocks.side] * 3, dtype=torch.bool, device=blocks.device)
        self.is_queued = torch.zeros([self.pieces.side] * 3, dtype=torch.bool, device=blocks.device)
        self.is_sampled = self.is_queued.clone()

    def start(self) -> None:
        """Evaluate all blocks' corners and refine the blocks that may contain surface."""
        flat = self.blocks.corner_points()
        self.samples.evaluate(flat)
        corners = self.samples.values[flat].reshape([self.blocks.side + 1] * 3)
        self.change = change_across(corners, self.level) / 2
        self._refine(candidate_blocks(corners, self.level))

    def queue(self, pieces: Tensor) -> None:
        """Queue pieces (M, 3) int64 for sampling and refine their blocks."""
        self.is_queued[pieces.unbind(1)] = True
        is_entered = torch.zeros_like(self.is_refined)
        is_entered[(pieces // 2).unbind(1)] = True
        self._refine(is_entered)

    def visit_seeds(self, pieces: Tensor) -> None:
        """Queue pieces (M, 3) int64 if no surface was found in the block that contains them."""
        has_surface = torch.zeros_like(self.is_refined)
        has_surface[(self.is_sampled.nonzero() // 2).unbind(1)] = True
        self.queue(pieces[~has_surface[(pieces // 2).unbind(1)]])

    def follow_surface(self) -> None:
        """Sample the queued pieces, then the neighbors that the surface extends into, until none is left."""
        while len(new := (self.is_queued & ~self.is_sampled).nonzero()):
            points = self.pieces.points(new)
            self.samples.evaluate(points.flatten())
            self.is_sampled |= self.is_queued
            self.queue(_neighbors_across_surface(self.samples.values[points] > self.level, new, self.pieces.side))

    def filled(self) -> Tensor:
        """Return (G, G, G) float32: values, where not evaluated that of the smallest block's known corner."""
        values, _ = self._at_corners(self.blocks)
        piece_values, is_piece_known = self._at_corners(self.pieces)
        values = torch.where(is_piece_known, piece_values, values)
        known = self.samples.is_known.reshape(values.shape)
        return torch.where(known, self.samples.values.reshape(values.shape), values)

    def _at_corners(self, blocks: Blocks) -> tuple[Tensor, Tensor]:
        """Return each block's first corner's value, (G, G, G) float32, and whether it is known, at all its points."""
        flat, shape = blocks.corner_points(), [blocks.side + 1] * 3
        values, is_known = self.samples.values[flat], self.samples.is_known[flat]
        return blocks.expand(values.reshape(shape)), blocks.expand(is_known.reshape(shape))

    def _refine(self, blocks: Tensor) -> None:
        """Evaluate the corners of the flagged blocks' pieces and queue the pieces that may contain surface."""
        new = (blocks & ~self.is_refined).nonzero()
        self.is_refined |= blocks
        pieces, rows = self.blocks.pieces(new)
        corners = self.pieces.corners(pieces)
        self.samples.evaluate(corners.flatten())
        is_at_border = is_outermost(self.is_queued)[pieces.unbind(1)]
        change = self.change[new.unbind(1)][rows]
        is_candidate = candidate_pieces(self.samples.values[corners], self.level, change, is_at_border)
        self.is_queued[pieces[is_candidate].unbind(1)] = True


def _neighbors_across_surface(is_inside: Tensor, blocks: Tensor, side: int) -> Tensor:
    """Return the neighbors across the sides whose points have both signs.

    Args:
        is_inside: (K, c + 1, c + 1, c + 1) bool.
        blocks: (K, 3) int64.
        side: blocks per side of the grid.

    Returns:
        (N, 3) int64, the neighbors.
    """
    found = []
    for axis in range(3):
        for end, step in ((0, -1), (-1, 1)):
            points = is_inside.select(axis + 1, end).flatten(1)
            behind = blocks[points.any(1) & ~points.all(1)].clone()
            behind[:, axis] += step
            found.append(behind)
    neighbors = torch.cat(found)
    return neighbors[((neighbors >= 0) & (neighbors < side)).all(1)]
