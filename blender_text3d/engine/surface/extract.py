# SPDX-License-Identifier: GPL-3.0-or-later
"""Field to closed triangle surface: sample, close the border, run marching cubes, refine the vertices if requested."""

import torch
from torch import Tensor
from torch.nn.functional import pad

from .field import Field
from .grid import Samples, dense_samples
from .marching_cubes import Crossings, marching_cubes
from .sparse import sparse_samples
from .vertices import GridToModel, refined_fractions

MIN_SPARSE_GRID = 32
"""With fewer points per side, nearly every block contains surface."""


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
    """Extract the surface on which a field has the value `level`.

    A border of -1 values is added around the grid, as in Shap-E, so that objects that touch the cube are closed.

    Args:
        field: positive inside; called with points on `device`.
        grid: grid points per side, from -bound to +bound inclusive; at least 2.
        level: the value at the surface.
        coarse: cells per block side for sparse sampling.
        bound: half the side of the sampled cube, model space.
        dense: True to sample the field everywhere: slow, but misses nothing. Always so below 32 points per side.
        seeds: (S, 3) float32 points in model space that are near the surface, which sparse sampling visits too.
        refine: additional field evaluations per vertex to locate the surface along its grid edge.
        squeeze_border: True to place the border on the cube's sides and the samples within it. Shap-E does this, which
            shrinks objects by 2 / (grid + 1); needed only to get the same vertices.
        device: device of the points.

    Returns:
        vertices: (V, 3) float32, model space.
        faces: (F, 3) int64, counter-clockwise seen from outside. Both are empty if there is no surface.

    Raises:
        ValueError: the grid is too small, or the field returns values that are not finite.
    """
    _check(grid, coarse)
    samples = sample_field(
        field, grid=grid, level=level, coarse=coarse, bound=bound, dense=dense, seeds=seeds, device=device
    )
    crossings, faces = _closed_surface(samples.values, level)
    fractions = refined_fractions(field, crossings, GridToModel(grid, bound), level, refine)
    return GridToModel(grid, bound, squeeze_border).points(crossings, fractions), faces


@torch.no_grad()
def sample_field(
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
    """Sample the field on the grid; arguments as in `extract_surface`.

    Raises:
        ValueError: the field returns values that are not finite.
    """
    device = torch.device(device)
    if dense or grid < MIN_SPARSE_GRID:
        samples = dense_samples(field, grid, bound, device)
    else:
        samples = sparse_samples(field, grid, bound, device, level=level, coarse=coarse, seeds=seeds)
    check_finite(samples.values)
    return samples


@torch.no_grad()
def lattice_surface(values: Tensor, level: float, bound: float) -> tuple[Tensor, Tensor]:
    """Extract the surface of a field from its values (G, G, G) float32 on the entire grid; see `extract_surface`."""
    crossings, faces = _closed_surface(values, level)
    return GridToModel(len(values), bound).points(crossings, crossings.fractions()), faces


def check_finite(values: Tensor) -> None:
    """Raise ValueError if any of a field's values is not finite."""
    if not values.isfinite().all():
        raise ValueError("A field returned values that are not finite; check its weights, and that it runs in float32.")


def _closed_surface(values: Tensor, level: float) -> tuple[Crossings, Tensor]:
    return marching_cubes(pad(values, (1,) * 6, value=min(-1.0, level - 1.0)), level)


def _check(grid: int, coarse: int) -> None:
    if grid < 2:
        raise ValueError(f"A grid of {grid} points per side has no cells; give a grid of 2 or more.")
    if coarse < 2 or coarse % 2:
        raise ValueError(f"Blocks of {coarse} cells cannot be halved; give a coarse of 2, 4, 6 or more.")
