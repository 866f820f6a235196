# SPDX-License-Identifier: GPL-3.0-or-later
"""Marching cubes on known values for both engines."""

from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor

from blender_text3d.engine.surface.marching_cubes import marching_cubes

Once = Callable[[], object]


def ball_values(grid: int) -> Tensor:
    """Return (G + 2, G + 2, G + 2) float32: a ring and a ball on a grid with a border of -1, as in Shap-E."""
    line = torch.linspace(-1, 1, grid)
    x, y, z = torch.meshgrid(line, line, line, indexing="ij")
    ring = 0.18 - ((x**2 + y**2).sqrt() - 0.6).square().add(z**2).sqrt()
    ball = 0.35 - (x**2 + y**2 + (z - 0.3) ** 2).sqrt()
    return torch.nn.functional.pad(torch.maximum(ring, ball), (1,) * 6, value=-1.0)


def march_ours(grid: int) -> Callable[[Path], Once]:
    """Return the preparation of marching cubes on known values."""

    def prepare(_scratch: Path) -> Once:
        values = ball_values(grid)
        marching_cubes(ball_values(8))

        def once() -> dict:
            crossings, faces = marching_cubes(values)
            crossings.fractions()
            return {"vertices": len(crossings.low), "faces": len(faces)}

        return once

    return prepare


def march_official(grid: int) -> Callable[[Path], Once]:
    """Prepare the same with the official packages."""

    def prepare(_scratch: Path) -> Once:
        from shap_e.rendering.mc import marching_cubes as official_marching_cubes

        values, low, size = ball_values(grid), -torch.ones(3), 2 * torch.ones(3)
        official_marching_cubes(ball_values(8), low, size)

        def once() -> dict:
            mesh = official_marching_cubes(values, low, size)
            return {"vertices": len(mesh.verts), "faces": len(mesh.faces)}

        return once

    return prepare
