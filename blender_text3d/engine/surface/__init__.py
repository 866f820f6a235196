# SPDX-License-Identifier: GPL-3.0-or-later
"""Field (values in space) to triangles: sample, triangulate, clean, color."""

from .clean import SurfaceReport, keep_main
from .extract import extract_surface
from .field import Field, vertex_colors
from .level_search import connected_lattice_surface, connected_surface

__all__ = [
    "Field",
    "SurfaceReport",
    "connected_lattice_surface",
    "connected_surface",
    "extract_surface",
    "keep_main",
    "vertex_colors",
]
