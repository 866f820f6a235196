# SPDX-License-Identifier: GPL-3.0-or-later
"""Sample a field only near its surface.

The lattice is cut into blocks, and the field asked at their corners. A block that may hold surface falls into pieces
half as long, which are asked at their corners too; those that may hold surface are asked at every point. Then the
surface is followed: wherever it leaves an asked piece through a side, the piece behind that side is asked too. What is
left has no surface on any of its sides, and gets the sign of its corners. Surface is missed only if it lies wholly
inside pieces whose corners do not hint at it.
"""

import torch
from torch import Tensor

from .active_blocks import candidate_blocks, change_across, hinted_pieces, is_outermost
from .blocks import Blocks
from .field import Field
from .grid import LatticeReader, Samples


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
        grid: lattice points a side.
        bound: half the side of the sampled cube, model space.
        level: the value at the surface.
        coarse: cells along a block's side; even.
        seeds: [S, 3] points of model space known to be near surface; asked too, where nothing was found around.

    Returns:
        The samples; values that were not asked have the sign of their piece's corners.
    """
    search = Search(LatticeReader(field, grid, bound, device), Blocks(grid, coarse, device), level)
    search.begin()
    search.follow()
    if seeds is not None and len(seeds):
        search.ask_unseen(search.pieces.holding(seeds, bound))
        search.follow()
    return Samples(search.filled(), int(search.reader.is_known.sum()))


class Search:
    """A search for the surface of a field on a lattice.

    Attributes:
        blocks, pieces: how the lattice falls into blocks, and these into pieces.
        is_opened: [side, side, side] bool, the blocks whose pieces' corners are known.
        is_wanted, is_asked: [side, side, side] bool, the pieces that are to be asked at every point, and that were.
    """

    def __init__(self, reader: LatticeReader, blocks: Blocks, level: float) -> None:
        self.reader, self.blocks, self.pieces, self.level = reader, blocks, blocks.halves(), level
        self.is_opened = torch.zeros([self.blocks.side] * 3, dtype=torch.bool, device=blocks.device)
        self.is_wanted = torch.zeros([self.pieces.side] * 3, dtype=torch.bool, device=blocks.device)
        self.is_asked = self.is_wanted.clone()

    def begin(self) -> None:
        """Reads all blocks' corners and opens those blocks that may hold surface."""
        flat = self.blocks.corner_points()
        self.reader.read(flat)
        corners = self.reader.values[flat].reshape([self.blocks.side + 1] * 3)
        self.change = change_across(corners, self.level) / 2
        self._open(candidate_blocks(corners, self.level))

    def ask(self, pieces: Tensor) -> None:
        """Wants some pieces [M, 3] asked, and opens the blocks that they are in."""
        self.is_wanted[pieces.unbind(1)] = True
        entered = torch.zeros_like(self.is_opened)
        entered[(pieces // 2).unbind(1)] = True
        self._open(entered)

    def ask_unseen(self, pieces: Tensor) -> None:
        """Wants some pieces [M, 3] asked, where no surface was found in the whole block that they are in."""
        has_surface = torch.zeros_like(self.is_opened)
        has_surface[(self.is_asked.nonzero() // 2).unbind(1)] = True
        self.ask(pieces[~has_surface[(pieces // 2).unbind(1)]])

    def follow(self) -> None:
        """Reads the wanted pieces, then those behind their sides that the surface crosses, until none is left."""
        while len(new := (self.is_wanted & ~self.is_asked).nonzero()):
            points = self.pieces.points(new)
            self.reader.read(points.flatten())
            self.is_asked |= self.is_wanted
            self.ask(_behind_crossed_sides(self.reader.values[points] > self.level, new, self.pieces.side))

    def filled(self) -> Tensor:
        """[G, G, G] the values that were read; elsewhere those of the corner of the smallest block known around."""
        values, _ = self._at_corners(self.blocks)
        for_pieces, known_of_pieces = self._at_corners(self.pieces)
        values = torch.where(known_of_pieces, for_pieces, values)
        known = self.reader.is_known.reshape(values.shape)
        return torch.where(known, self.reader.values.reshape(values.shape), values)

    def _at_corners(self, blocks: Blocks) -> tuple[Tensor, Tensor]:
        """The value of each block's first corner, and whether it is known, at all its points; [G, G, G] both."""
        flat, shape = blocks.corner_points(), [blocks.side + 1] * 3
        columns = (self.reader.values[flat], self.reader.is_known[flat])
        return tuple(blocks.spread(column.reshape(shape)) for column in columns)

    def _open(self, blocks: Tensor) -> None:
        """Reads the corners of the pieces of flagged blocks, and wants those asked that may hold surface."""
        new = (blocks & ~self.is_opened).nonzero()
        self.is_opened |= blocks
        pieces, rows = self.blocks.pieces(new)
        corners = self.pieces.corners(pieces)
        self.reader.read(corners.flatten())
        is_at_border = is_outermost(self.is_wanted)[pieces.unbind(1)]
        change = self.change[new.unbind(1)][rows]
        is_hinted = hinted_pieces(self.reader.values[corners], self.level, change, is_at_border)
        self.is_wanted[pieces[is_hinted].unbind(1)] = True


def _behind_crossed_sides(is_inside: Tensor, blocks: Tensor, side: int) -> Tensor:
    """Neighbours behind the sides whose points have both signs.

    Args:
        is_inside: [K, c + 1, c + 1, c + 1] bool.
        blocks: [K, 3] int64.
        side: blocks a side of the lattice.

    Returns:
        [N, 3] int64, the neighbours.
    """
    found = []
    for axis in range(3):
        for end, step in ((0, -1), (-1, 1)):
            points = is_inside.select(axis + 1, end).flatten(1)
            behind = blocks[points.any(1) & ~points.all(1)].clone()
            behind[:, axis] += step
            found.append(behind)
    neighbours = torch.cat(found)
    return neighbours[((neighbours >= 0) & (neighbours < side)).all(1)]
