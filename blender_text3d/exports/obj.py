# SPDX-License-Identifier: GPL-3.0-or-later
"""Wavefront OBJ: Y up, meters, with colors on the vertex lines, as Blender, MeshLab and trimesh read them."""

import numpy as np

from ..geometry import Mesh
from .item import GENERATOR, Y_UP_FROM_Z_UP, ExportItem


def obj_bytes(item: ExportItem) -> bytes:
    """Return a mesh or a point cloud as the content of an .obj file; nine digits keep every float32."""
    points, colors = item.points @ Y_UP_FROM_Z_UP.T, item.color_bytes / 255
    lines = [f"# {GENERATOR}", f"o {item.one_line_name()}"]
    lines += _rows("v %.9g %.9g %.9g %.6f %.6f %.6f", np.concatenate([points, colors], axis=1))
    if isinstance(item.geometry, Mesh):
        normals = item.normals()
        assert normals is not None
        lines += _rows("vn %.6f %.6f %.6f", normals @ Y_UP_FROM_Z_UP.T)
        lines += _rows("f %d//%d %d//%d %d//%d", np.repeat(item.geometry.faces + 1, 2, axis=1))
    else:
        lines += _rows("p %d", np.arange(1, len(points) + 1)[:, None])
    return "\n".join([*lines, ""]).encode("ascii")


def _rows(pattern: str, values: np.ndarray) -> list[str]:
    return [pattern % tuple(row) for row in values.tolist()]
