# SPDX-License-Identifier: GPL-3.0-or-later
"""Field to closed triangle surface: sample, close the border, march, and if asked pull the vertices onto the field."""

import torch
from torch import Tensor
from torch.nn.functional import pad

from .field import Field
from .grid import Samples, dense_samples
from .grid_to_model import Placement
from .marching_cubes import marching_cubes
from .refine import refined_fractions
from .sparse import sparse_samples

SMALLEST_SPARSE_GRID = 32
"""Below this, parts are so few cells thick that nearly every block holds surface."""


@torch.no_grad()
def extract_surface(
    field: Field,
    *,
    grid: int,
    level: float = 0.0,
    coarse: int = 4,
    bound: float = 1.0,
    dense: bool = False,
    seeds: Tensor | None = None,
    refine: int = 0,
    squeeze_border: bool = False,
    device: torch.device | str = "cpu",
) -> tuple[Tensor, Tensor]:
    """The surface where a field takes the value `level`.

    A border of -1 values is laid around the lattice, as Shap-E does, so that objects that touch the cube are closed.

    Args:
        field: positive inside; given points on `device`.
        grid: lattice points a side, from -bound to +bound inclusive; at least 2.
        level: the value at the surface.
        coarse: cells along a block's side for sparse sampling.
        bound: half the side of the sampled cube, model space.
        dense: ask the field everywhere: slow, and misses nothing. Always so below 32 points a side.
        seeds: [S, 3] points of model space known to be near surface, so that sparse sampling looks there too.
        refine: further field look-ups for each vertex, to find the surface along its lattice edge.
        squeeze_border: place the border on the cube's sides and all else within it. Shap-E does this and so makes
            objects smaller by 2 / (grid + 1); needed only to get the vertices that it gets.
        device: where the points are made.

    Returns:
        vertices: [V, 3] float32, model space.
        faces: [F, 3] int64, counter-clockwise seen from outside. Both are empty if there is no surface.

    Raises:
        ValueError: if the lattice is too small or the field gives values that are not finite.
    """
    _check(grid, coarse)
    samples = sample(field, grid=grid, level=level, coarse=coarse, bound=bound, dense=dense, seeds=seeds, device=device)
    crossings, faces = marching_cubes(pad(samples.values, (1,) * 6, value=min(-1.0, level - 1.0)), level)
    placement = Placement(grid, bound, squeeze_border)
    fractions = refined_fractions(field, crossings, Placement(grid, bound), level, refine)
    return placement.points(crossings, fractions), faces


@torch.no_grad()
def sample(
    field: Field,
    *,
    grid: int,
    level: float = 0.0,
    coarse: int = 4,
    bound: float = 1.0,
    dense: bool = False,
    seeds: Tensor | None = None,
    device: torch.device | str = "cpu",
) -> Samples:
    """The field on the lattice; arguments as for `extract_surface`.

    Raises:
        ValueError: if the field gives values that are not finite.
    """
    device = torch.device(device)
    if dense or grid < SMALLEST_SPARSE_GRID:
        samples = dense_samples(field, grid, bound, device)
    else:
        samples = sparse_samples(field, grid, bound, device, level=level, coarse=coarse, seeds=seeds)
    if not samples.values.isfinite().all():
        raise ValueError("A field gave values that are not finite. Are its weights whole, and is it run in float32?")
    return samples


def _check(grid: int, coarse: int) -> None:
    if grid < 2:
        raise ValueError(f"A lattice of {grid} points a side holds no cell; give a grid of 2 or more.")
    if coarse < 2 or coarse % 2:
        raise ValueError(f"Blocks of {coarse} cells cannot be halved; give a coarse of 2, 4, 6 or more.")
