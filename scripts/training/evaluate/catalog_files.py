# SPDX-License-Identifier: GPL-3.0-or-later
"""Shapes of the catalog as meshes, to be written as object files."""

import numpy as np
import torch

from blender_text3d.engine.surface import connected_surface
from blender_text3d.geometry.textured_mesh import NO_TEXTURE, TexturedMesh

CATALOG_GRID = 96


def textured(vertices, faces, colors):
    """Return a `TexturedMesh` with colors (V, 3) sRGB at its vertices."""
    faces = np.asarray(faces, np.int32)
    coordinates, textures = np.zeros((len(faces), 3, 2), np.float32), np.full(len(faces), NO_TEXTURE, np.int32)
    return TexturedMesh(
        np.asarray(vertices, np.float32), faces, colors[faces].astype(np.float32), coordinates, textures
    )


def catalog_mesh(shape):
    """Return the surface of a catalog `Solid` as a `TexturedMesh`."""

    def signed_distance(points):
        return torch.from_numpy(-shape.distances(points.numpy().astype(np.float64)).min(axis=0)).float()

    vertices, faces, _ = connected_surface(
        signed_distance, grid=CATALOG_GRID, levels=(0.0,), device=torch.device("cpu")
    )
    owners = shape.distances(vertices.numpy().astype(np.float64)).argmin(axis=0)
    return textured(vertices.numpy(), faces.numpy(), shape.colors[owners])
