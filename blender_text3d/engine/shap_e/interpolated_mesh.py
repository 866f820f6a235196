# SPDX-License-Identifier: GPL-3.0-or-later
"""Latent to mesh by interpolation: fewer queries of the field than grid points, and one per vertex."""

from collections.abc import Sequence
from typing import Protocol

import torch
from torch import Tensor

from ...geometry import Mesh
from ..surface.interpolated import VertexSurface, connected_interpolated_surface, interpolated_surface
from .colored_field import ColoredField
from .decoder import VectorDecoder
from .field import Field

MIN_INTERPOLATED_GRID = 48
"""Smaller grids would be interpolated from a lattice whose cells are wider than a chair's leg."""
PREVIEW_COARSE = 20


class DecodingModel(Protocol):
    """The part of a `ShapEModel` that decodes latents."""

    @property
    def decoder(self) -> VectorDecoder: ...
    @property
    def device(self) -> torch.device: ...
    @property
    def levels(self) -> Sequence[float]: ...


@torch.inference_mode()
def interpolated_mesh(model: DecodingModel, latent: Tensor, grid: int) -> Mesh:
    """Return a latent's colored mesh in model space without specks; if there is no surface, it has no vertices.

    Args:
        model: the model whose decoder to use.
        latent: (D,) float32.
        grid: grid points per side; the mesh has the detail of the largest odd number of points that is not larger.
    """
    field = ColoredField(Field(model.decoder, latent))
    coarse = coarse_grid(grid)
    surface, _ = connected_interpolated_surface(
        field, coarse=coarse, levels=[raw_level(level) for level in model.levels], device=model.device
    )
    return colored_mesh(surface)


@torch.inference_mode()
def interpolated_preview(model: DecodingModel, latent: Tensor) -> Mesh:
    """Return a small mesh of a latent, specks included."""
    field = ColoredField(Field(model.decoder, latent))
    level = raw_level(model.levels[0])
    return colored_mesh(
        interpolated_surface(field, coarse=PREVIEW_COARSE, level=level, dense=True, device=model.device)
    )


def coarse_grid(grid: int) -> int:
    """Return the lattice that is interpolated for a grid, in points per side."""
    return (grid + 1) // 2


def raw_level(level: float) -> float:
    """Return a level before the tanh of the signed distance."""
    return float(torch.atanh(torch.tensor(level)))


def colored_mesh(surface: VertexSurface) -> Mesh:
    """Return the mesh of a surface with `ColoredField`'s channels."""
    colors = torch.sigmoid(surface.channels[:, 1:4]) if len(surface.vertices) else surface.vertices
    faces = surface.faces.to(torch.int32)
    return Mesh(surface.vertices.cpu().numpy(), faces.cpu().numpy(), colors.cpu().numpy())
