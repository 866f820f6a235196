# SPDX-License-Identifier: GPL-3.0-or-later
"""Geometry of model space → what Rerun draws."""

import numpy as np
import rerun as rr

from ...geometry import Mesh, PointCloud

POINT_COVER = 0.9
RADII_IN_MODEL = (0.004, 0.03)
GAP_IN_MODEL = 0.6


def archetype(geometry: PointCloud | Mesh) -> rr.Points3D | rr.Mesh3D:
    """Shaded triangles, or balls large enough to read as a surface."""
    if isinstance(geometry, Mesh):
        return rr.Mesh3D(
            vertex_positions=geometry.vertices,
            triangle_indices=geometry.faces,
            vertex_normals=vertex_normals(geometry),
            vertex_colors=color_bytes(geometry.colors),
        )
    radius = np.clip(POINT_COVER / np.sqrt(max(len(geometry.points), 1)), *RADII_IN_MODEL)
    return rr.Points3D(geometry.points, colors=color_bytes(geometry.colors), radii=radius)


def color_bytes(colors: np.ndarray) -> np.ndarray:
    """(N, 3) float sRGB in [0, 1] → (N, 3) uint8 sRGB, which is what Rerun's colours are."""
    return np.rint(np.clip(colors, 0.0, 1.0) * 255.0).astype(np.uint8)


def vertex_normals(mesh: Mesh) -> np.ndarray:
    """(V, 3) float32 unit normals: the mean over a vertex's faces, weighted by area; zero where it has none."""
    corners = mesh.vertices[mesh.faces]
    doubled_area_normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    owners = mesh.faces.ravel()
    of_corners = np.repeat(doubled_area_normals, 3, axis=0)
    sums = [np.bincount(owners, of_corners[:, axis], minlength=len(mesh.vertices)) for axis in range(3)]
    normals = np.stack(sums, axis=1)
    lengths = np.linalg.norm(normals, axis=1, keepdims=True)
    return np.divide(normals, lengths, out=np.zeros_like(normals), where=lengths > 0).astype(np.float32)


def offset_right(mesh: Mesh) -> dict[str, rr.Transform3D]:
    """Where mesh and cloud of one object stand so that neither hides the other: left and right."""
    width = float(np.ptp(mesh.vertices[:, 0])) if len(mesh.vertices) else 1.0
    aside = (width + GAP_IN_MODEL) / 2
    return {
        "mesh": rr.Transform3D(translation=(-aside, 0.0, 0.0)),
        "cloud": rr.Transform3D(translation=(aside, 0.0, 0.0)),
    }
