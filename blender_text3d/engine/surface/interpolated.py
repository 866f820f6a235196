# SPDX-License-Identifier: GPL-3.0-or-later
"""A surface from a coarse lattice: interpolate it, triangulate, and correct each vertex by one Newton step.

A field that is nearly linear between lattice points needs few of them. The coarse lattice has half the points per side,
so an eighth of the queries in space and a quarter near the surface; the field is then evaluated once at each vertex,
which gives the vertex's true depth, to which it is moved, and its other channels, such as colors, at no further cost.
A part thinner than a cell of the coarse lattice may be missed.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

import torch
from torch import Tensor

from .clean import SurfaceReport, main_parts
from .field import chunks_of, unsquashed
from .marching_cubes import Crossings, marching_cubes
from .sparse import sparse_lattice
from .vertices import GridToModel

MAX_RAW = 3.0
"""Limit of the lattice's values: points far from the surface shall not bend the interpolation near it."""


class LatticeField(Protocol):
    """A field with several channels, the first of which is the depth: positive inside, roughly linear in distance."""

    def at_points(self, points: Tensor) -> Tensor:
        """Return all channels (M, K) float32 at points (M, 3) float32 in model space."""

    def on_lattice(self, grid: int, bound: float) -> Callable[[Tensor], Tensor]:
        """Return a function: flat indices (M,) int64 of a lattice -> depths (M,) float32."""


class VertexSurface(NamedTuple):
    """A surface with the field's channels at its vertices.

    Attributes:
        vertices: (V, 3) float32, model space.
        faces: (F, 3) int64, counter-clockwise seen from outside.
        channels: (V, K) float32.
    """

    vertices: Tensor
    faces: Tensor
    channels: Tensor


def fine_grid(coarse: int) -> int:
    """Return the points per side after interpolation: the coarse ones, and one between each two neighbors."""
    return 2 * coarse - 1


@torch.no_grad()
def interpolated_surface(
    field: LatticeField,
    *,
    coarse: int,
    level: float = 0.0,
    bound: float = 1.0,
    dense: bool = False,
    device: torch.device | str = "cpu",
) -> VertexSurface:
    """Extract the surface on which a field has a value, without cleaning it.

    Args:
        field: the field.
        coarse: points per side of the lattice on which the field is evaluated; at least 2.
        level: the depth at the surface.
        bound: half the side of the sampled cube, model space.
        dense: True to evaluate the field on the entire lattice, False for the neighborhood of the surface.
        device: device of the points.

    Raises:
        ValueError: the field returns values that are not finite.
    """
    depths = coarse_depths(field, coarse, level, bound, dense, torch.device(device)).clamp(-MAX_RAW, MAX_RAW)
    values = with_midpoints(depths - level, border=-1.0)
    crossings, faces = marching_cubes(values)
    to_model = GridToModel(fine_grid(coarse), bound)
    fractions = crossings.fractions()
    vertices = to_model.points(crossings, fractions)
    channels = torch.cat([field.at_points(part) for part in chunks_of(vertices)]) if len(vertices) else vertices
    cell = 2 * bound / (fine_grid(coarse) - 1)
    moves = newton_moves(channels[:, 0] - level, gradients(values, crossings, fractions) / cell, cell)
    moves[to_model.is_on_border(crossings)] = 0.0
    return VertexSurface(vertices + moves, faces, channels)


def coarse_depths(
    field: LatticeField, coarse: int, level: float, bound: float, dense: bool, device: torch.device
) -> Tensor:
    """Return the depths on the coarse lattice, (coarse, coarse, coarse) float32; see `interpolated_surface`.

    Raises:
        ValueError: the field returns values that are not finite.
    """
    depths_at = field.on_lattice(coarse, bound)

    def squashed(flat: Tensor) -> Tensor:
        return torch.tanh(torch.cat([depths_at(part) for part in chunks_of(flat)])) if len(flat) else flat.float()

    if dense:
        points = torch.arange(coarse**3, device=device)
        depths = torch.cat([depths_at(part) for part in chunks_of(points)]).reshape([coarse] * 3)
    else:
        squashed_level = float(torch.tanh(torch.tensor(level)))
        depths = unsquashed(sparse_lattice(squashed, coarse, device, squashed_level))
    if not depths.isfinite().all():
        raise ValueError("A field returned values that are not finite; check its weights, and that it runs in float32.")
    return depths


def with_midpoints(values: Tensor, border: float) -> Tensor:
    """Interpolate a lattice trilinearly to `fine_grid` points per side, inside a border of one point.

    The result is that of torch's `interpolate` and `pad`, up to rounding, in a fifth of their time: of the eight
    weights, all that are not 0 are equal, so a mean along each axis in turn is enough.

    Args:
        values: (G, G, G) float32.
        border: the value of the border's points.

    Returns:
        (2 G + 1, 2 G + 1, 2 G + 1) float32.
    """
    coarse, fine = len(values), fine_grid(len(values))
    along_z = values.new_empty(coarse, coarse, fine)
    along_y = values.new_empty(coarse, fine, fine)
    framed = values.new_full([fine + 2] * 3, border)
    _interleave(values, along_z, 2)
    _interleave(along_z, along_y, 1)
    _interleave(along_y, framed[1:-1, 1:-1, 1:-1], 0)
    return framed


def gradients(values: Tensor, crossings: Crossings, fractions: Tensor) -> Tensor:
    """Return central differences of values (X, Y, Z) float32 at points on grid edges, (V, 3) float32 per cell."""
    weight = fractions[:, None]
    return (1 - weight) * _central(values, crossings.low) + weight * _central(values, crossings.high)


def newton_moves(depths: Tensor, gradient: Tensor, max_length: float) -> Tensor:
    """Return the moves (V, 3) float32 along the gradient (V, 3) that make the depths (V,) zero to first order.

    Source: Newton's method in the gradient's direction, p - d g / |g|^2.
    """
    moves = gradient * (-depths / gradient.square().sum(1).clamp_min(1e-12))[:, None]
    length = moves.norm(dim=1, keepdim=True)
    return moves * (max_length / length.clamp_min(max_length))


def connected_interpolated_surface(
    field: LatticeField,
    *,
    coarse: int,
    levels: Sequence[float],
    bound: float = 1.0,
    device: torch.device | str = "cpu",
) -> tuple[VertexSurface, SurfaceReport]:
    """Extract the surface without specks at the first level with one part; see `connected_surface`."""
    found = []
    for level in levels:
        surface = interpolated_surface(field, coarse=coarse, level=level, bound=bound, device=device)
        found.append(without_specks(surface))
        if found[-1][1].components == 1:
            return found[-1]
    return found[0]


def without_specks(surface: VertexSurface) -> tuple[VertexSurface, SurfaceReport]:
    """Return the surface without small separate parts, and a report; see `keep_main`."""
    kept, faces, report = main_parts(surface.vertices.cpu().numpy(), surface.faces.cpu().numpy())
    rows = slice(None) if kept is None else torch.from_numpy(kept).to(surface.vertices.device)
    faces_kept = torch.from_numpy(faces).to(surface.faces)
    return VertexSurface(surface.vertices[rows], faces_kept, surface.channels[rows]), report


def _interleave(values: Tensor, out: Tensor, axis: int) -> None:
    """Write values to the even positions of an axis, and the means of neighbors between them."""
    count = values.shape[axis] - 1
    even, odd = (out.narrow(axis, first, out.shape[axis] - first) for first in (0, 1))
    steps = [slice(None)] * axis + [slice(None, None, 2)]
    even[tuple(steps)] = values
    odd[tuple(steps)] = (values.narrow(axis, 0, count) + values.narrow(axis, 1, count)) * 0.5


def _central(values: Tensor, positions: Tensor) -> Tensor:
    """Return half the differences of the neighbors of positions (V, 3) int64 along each axis, (V, 3) float32."""
    last, flat = values.shape[0] - 1, values.flatten()
    strides = positions.new_tensor(values.stride())
    base = positions @ strides
    columns = []
    for axis in range(3):
        place = positions[:, axis]
        ahead = base + (place < last) * strides[axis]
        behind = base - (place > 0) * strides[axis]
        columns.append((flat[ahead] - flat[behind]) / 2)
    return torch.stack(columns, dim=1)
