# SPDX-License-Identifier: GPL-3.0-or-later
"""The surface at the level that holds an object together."""

from collections.abc import Sequence

import torch
from torch import Tensor

from .clean import SurfaceReport, keep_main
from .extract import extract_surface
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
    """The surface at the first level that leaves one part in one piece; at the first of all if none does.

    Where the field is unsure of a thin part (a mast, a stalk), its value dips just below zero and the part comes off; a
    slightly lower level, which moves the surface by a hundredth of the object's size, holds it.

    Args:
        field, grid, bound, seeds, device: as for `extract_surface`.
        levels: values at the surface, tried in turn.

    Returns:
        vertices [V, 3], faces [F, 3], and what the surface is made of; specks are dropped.
    """
    found = []
    for level in levels:
        surface = extract_surface(field, grid=grid, level=level, bound=bound, seeds=seeds, device=device)
        found.append(keep_main(*surface))
        if found[-1][2].components == 1:
            return found[-1]
    return found[0]
