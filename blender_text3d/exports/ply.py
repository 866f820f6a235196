# SPDX-License-Identifier: GPL-3.0-or-later
"""Binary PLY: Z up, meters, normals, sRGB bytes, which PLY readers expect.

Source: G. Turk, The PLY polygon file format, 1994.
"""

import numpy as np

from ..geometry import Mesh
from .item import GENERATOR, ExportItem

FACE = np.dtype([("count", "u1"), ("corners", "<i4", 3)])
MAX_COMMENT = 200


def ply_bytes(item: ExportItem) -> bytes:
    """Return a mesh or a point cloud as the content of a .ply file."""
    vertices = _vertices(item)
    kinds = {"f": "float", "u": "uchar"}
    assert vertices.dtype.names is not None
    properties = [f"property {kinds[vertices.dtype[name].kind]} {name}" for name in vertices.dtype.names]
    lines = ["ply", "format binary_little_endian 1.0", f"comment {GENERATOR}"]
    lines += [f"comment {item.one_line_name()[:MAX_COMMENT]}", f"element vertex {len(vertices)}", *properties]
    faces = np.empty(0, FACE)
    if isinstance(item.geometry, Mesh):
        faces = np.empty(len(item.geometry.faces), FACE)
        faces["count"], faces["corners"] = 3, item.geometry.faces
        lines += [f"element face {len(faces)}", "property list uchar int vertex_indices"]
    return "\n".join([*lines, "end_header", ""]).encode("ascii") + vertices.tobytes() + faces.tobytes()


def _vertices(item: ExportItem) -> np.ndarray:
    """Return one record a vertex: position, normal if there are normals, color, and radius if there are radii."""
    normals = item.normals()
    names = ("x", "y", "z") + (() if normals is None else ("nx", "ny", "nz"))
    floats = item.points if normals is None else np.concatenate([item.points, normals], axis=1)
    dtype = [(name, "<f4") for name in names] + [(name, "u1") for name in ("red", "green", "blue")]
    records = np.empty(len(floats), dtype + ([] if item.radii is None else [("radius", "<f4")]))
    if item.radii is not None:
        records["radius"] = item.radii
    for index, name in enumerate(names):
        records[name] = floats[:, index]
    colors = item.color_bytes
    for index, name in enumerate(("red", "green", "blue")):
        records[name] = colors[:, index]
    return records
