# SPDX-License-Identifier: GPL-3.0-or-later
"""Binary STL: Z up, without a unit and without colors. Slicers read millimeters."""

import struct

import numpy as np

from ..geometry import Mesh, PointCloud
from ..geometry.normals import face_normals
from .item import GENERATOR, ExportItem

TRIANGLE = np.dtype([("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("attributes", "<u2")])


def stl_bytes(*items: ExportItem) -> bytes:
    """Return meshes as the content of an .stl file, which has no objects."""
    triangles = np.concatenate([_triangles(item.geometry) for item in items])
    # A header that begins with "solid" passes for the text form of STL.
    header = f"{GENERATOR}: {items[0].one_line_name()}".encode("ascii")[:80].ljust(80)
    return header + struct.pack("<I", len(triangles)) + triangles.tobytes()


def _triangles(mesh: Mesh | PointCloud) -> np.ndarray:
    assert isinstance(mesh, Mesh)
    normals = face_normals(mesh)
    lengths = np.linalg.norm(normals, axis=1, keepdims=True)
    triangles = np.zeros(len(mesh.faces), TRIANGLE)
    triangles["normal"] = np.divide(normals, lengths, out=np.zeros_like(normals), where=lengths > 0)
    triangles["corners"] = mesh.vertices[mesh.faces]
    return triangles
