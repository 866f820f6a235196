# SPDX-License-Identifier: GPL-3.0-or-later
"""Counts of a mesh: faces, parts, open edges. They are counted once and stored on the mesh."""

from dataclasses import asdict, dataclass, fields
from typing import Any

import bpy
import numpy as np

from ..geometry.mesh_parts import component_labels
from .data_access import attribute_values, custom_property
from .names import MESH_REPORT


@dataclass(frozen=True)
class MeshReport:
    """Counts of one mesh, without its modifiers.

    Attributes:
        parts: Number of connected components.
        open_edges: Edges with one face.
        holes: Boundary loops that the open edges form.
        crowded_edges: Edges with three faces or more.
        twisted_edges: Edges whose two faces have opposite winding.
    """

    vertices: int
    faces: int
    parts: int
    open_edges: int
    holes: int
    crowded_edges: int
    twisted_edges: int

    @property
    def is_closed(self) -> bool:
        """True if the mesh is watertight: every edge joins two faces of the same winding."""
        return self.faces > 0 and not (self.open_edges or self.crowded_edges or self.twisted_edges)


def store_report(data: bpy.types.Mesh) -> MeshReport:
    """Count, store the report on the mesh and return it."""
    report = count_mesh(data)
    data[MESH_REPORT] = asdict(report)
    return report


def report_of(data: bpy.types.ID | None) -> MeshReport | None:
    """Return the stored report, or None if missing or invalid. Fast enough to call while drawing."""
    stored: Any = custom_property(data, MESH_REPORT) if isinstance(data, bpy.types.Mesh) else None
    values: list[Any] = [stored.get(field.name) for field in fields(MeshReport)] if hasattr(stored, "get") else [None]
    return MeshReport(*values) if all(type(value) is int for value in values) else None


def count_mesh(data: bpy.types.Mesh) -> MeshReport:
    """Return the report of the mesh as it is now."""
    edges = read_attribute(data, ".edge_verts", 2 * len(data.edges)).reshape(-1, 2)
    corners, corner_edges = (read_attribute(data, name, len(data.loops)) for name in (".corner_vert", ".corner_edge"))
    faces_at = np.bincount(corner_edges, minlength=len(edges))
    forward_at = np.bincount(corner_edges[corners == edges[corner_edges, 0]], minlength=len(edges))
    is_open = faces_at == 1
    return MeshReport(
        vertices=len(data.vertices),
        faces=len(data.polygons),
        parts=count_groups(edges if faces_at.all() else edges[faces_at > 0], len(data.vertices)),
        open_edges=int(is_open.sum()),
        holes=count_groups(edges[is_open], len(data.vertices)),
        crowded_edges=int((faces_at > 2).sum()),
        twisted_edges=int(((faces_at == 2) & (forward_at != 1)).sum()),
    )


def read_attribute(data: bpy.types.Mesh, name: str, count: int) -> np.ndarray:
    """Return an attribute as `(count,) int32`; twenty times as fast as data.loops."""
    values = np.empty(count, np.int32)
    if count:
        attribute_values(data, name).foreach_get("value", values)
    return values


def count_groups(pairs: np.ndarray, vertex_count: int) -> int:
    """Return the number of connected components of the graph with these edges.

    Args:
        pairs: `(E, 2) int32` indices of two vertices; vertices in no pair do not count.
        vertex_count: Number of vertices.
    """
    return int((np.bincount(component_labels(pairs, vertex_count)) > 1).sum())
