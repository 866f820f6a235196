# SPDX-License-Identifier: GPL-3.0-or-later
"""Marching cubes on the cells that the surface crosses, in torch.

Vertices are on grid edges and numbered by edge: all x edges first, then y, then z, each by the flat index of its lower
point. With `marching_cubes_tables` this gives the vertices and faces of Shap-E's marching cubes in the same order.

Source: Lorensen and Cline, "Marching cubes: a high resolution 3D surface construction algorithm", SIGGRAPH 1987.
"""

from dataclasses import dataclass
from functools import lru_cache

import torch
from torch import Tensor

from .marching_cubes_tables import EDGES, case_table


@dataclass(frozen=True)
class Crossings:
    """Grid edges that the surface crosses, one vertex each.

    Attributes:
        low, high: (V, 3) int64, grid positions of the edge's ends.
        low_value, high_value: (V,) float32, field minus level at the ends; exactly one of them is above 0.
    """

    low: Tensor
    high: Tensor
    low_value: Tensor
    high_value: Tensor

    def fractions(self) -> Tensor:
        """Return the position along the edge by linear interpolation: (V,) float32, 0..1 from low to high."""
        return self.low_value / (self.low_value - self.high_value)


def marching_cubes(values: Tensor, level: float = 0.0) -> tuple[Crossings, Tensor]:
    """Triangulate the surface of a sampled field.

    Args:
        values: (X, Y, Z) float32, above the level inside. The surface is closed if all border values are outside.
        level: the value at the surface.

    Returns:
        crossings: the vertices.
        faces: (F, 3) int64, counter-clockwise seen from outside.
    """
    edge_table, count_table, offsets = _tables(tuple(values.shape), values.device)
    cells, patterns = _crossed_cells(_sign_patterns(values > level))
    is_used = torch.arange(edge_table.shape[1], device=values.device) < count_table[patterns][:, None]
    corner_edges = _flat(cells, values.shape)[:, None] + offsets
    triangles = corner_edges.gather(1, edge_table[patterns].flatten(1)).reshape(-1, *edge_table.shape[1:])[is_used]
    short = torch.int32 if 3 * values.numel() < 2**31 else torch.int64  # half as much to sort
    edges, faces = torch.unique(triangles.to(short), return_inverse=True)
    return _crossings(values, level, edges.long()), faces


def _sign_patterns(is_inside: Tensor) -> Tensor:
    """Return (X - 1, Y - 1, Z - 1) uint8: one bit per corner of the cell, in the order of `marching_cubes_tables`."""
    bits = is_inside.view(torch.uint8)
    bits = torch.add(bits[:-1], bits[1:], alpha=2)
    bits = torch.add(bits[:, :-1], bits[:, 1:], alpha=4)
    return torch.add(bits[:, :, :-1], bits[:, :, 1:], alpha=16)


def _crossed_cells(patterns: Tensor) -> tuple[Tensor, Tensor]:
    """Return positions (N, 3) int64 and patterns (N,) int64 of the cells in (X, Y, Z) uint8 that are neither 0 nor 255.

    Eight patterns are first compared as one 64-bit word, since nearly all words are all 0 or all 255.
    """
    flat = patterns.flatten()
    tail = len(flat) - len(flat) % 8
    words = flat[:tail].view(torch.int64)
    mixed = ((words != 0) & (words != -1)).nonzero()
    in_words, rest = 8 * mixed + torch.arange(8, device=flat.device), torch.arange(tail, len(flat), device=flat.device)
    indices = torch.cat([in_words.flatten(), rest])
    found = flat[indices]
    is_crossed = (found != 0) & (found != 255)
    return _positions(indices[is_crossed], patterns.shape), found[is_crossed].long()


@lru_cache(maxsize=8)
def _tables(shape: tuple[int, ...], device: torch.device) -> tuple[Tensor, Tensor, Tensor]:
    """Return the case table, and for each of a cell's 12 edges its number minus the flat index of the cell."""
    edges, counts = case_table()
    lower_corners = torch.tensor([[int(edge[0]) >> axis & 1 for axis in range(3)] for edge in EDGES])
    axes = torch.arange(3).repeat_interleave(4)
    offsets = axes * shape[0] * shape[1] * shape[2] + _flat(lower_corners, shape)
    return edges.to(device), counts.to(device), offsets.to(device)


def _flat(positions: Tensor, shape: tuple[int, ...]) -> Tensor:
    return (positions[:, 0] * shape[1] + positions[:, 1]) * shape[2] + positions[:, 2]


def _positions(flat: Tensor, shape: tuple[int, ...]) -> Tensor:
    return torch.stack([flat // (shape[1] * shape[2]), flat // shape[2] % shape[1], flat % shape[2]], dim=1)


def _crossings(values: Tensor, level: float, edges: Tensor) -> Crossings:
    shape, total = values.shape, values.numel()
    axes, flat = edges // total, edges % total
    steps = edges.new_tensor([shape[1] * shape[2], shape[2], 1])
    low = _positions(flat, shape)
    high = low + torch.eye(3, dtype=torch.int64, device=values.device)[axes]
    values = values.flatten()
    return Crossings(low, high, values[flat] - level, values[flat + steps[axes]] - level)
