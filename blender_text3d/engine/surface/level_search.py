# SPDX-License-Identifier: GPL-3.0-or-later
"""Search for the level at which an object is one connected surface."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from .clean import SurfaceReport, keep_main
from .extract import check_finite, extract_surface, lattice_surface
from .field import Field


def connected_surface(
    field: Field,
    *,
    grid: int,
    levels: Sequence[float],
    bound: float = 1.0,
    seeds: Tensor | None = None,
    device: torch.device | str = "cpu",
) -> tuple[Tensor, Tensor, SurfaceReport]:
    """Extract the surface at the first level that gives one connected part, or at the first level if none does.

    If the field is uncertain about a thin part (a mast, a stalk), its value drops just below zero and the part becomes
    separate. A slightly lower level, which moves the surface by 1 % of the object's size, keeps it connected.

    Args:
        field, grid, bound, seeds, device: as in `extract_surface`.
        levels: values at the surface, tried in turn.

    Returns:
        vertices (V, 3) float32, faces (F, 3) int64, both without specks, and a report.
    """
    return _first_connected(
        lambda level: extract_surface(field, grid=grid, level=level, bound=bound, seeds=seeds, device=device), levels
    )


def connected_lattice_surface(
    values: Tensor, *, levels: Sequence[float], bound: float = 1.0
) -> tuple[Tensor, Tensor, SurfaceReport]:
    """Extract the surface of `connected_surface` from a field's values (G, G, G) float32 on the entire grid.

    Raises:
        ValueError: the values are not finite.
    """
    check_finite(values)
    return _first_connected(lambda level: lattice_surface(values, level, bound), levels)


def _first_connected(
    surface_at: Callable[[float], tuple[Tensor, Tensor]], levels: Sequence[float]
) -> tuple[Tensor, Tensor, SurfaceReport]:
    found = []
    for level in levels:
        found.append(keep_main(*surface_at(level)))
        if found[-1][2].components == 1:
            return found[-1]
    return found[0]
