# SPDX-License-Identifier: GPL-3.0-or-later
"""What a mesh is made of: faces, parts, and whether it is closed. Counted once and kept on the mesh."""

from dataclasses import asdict, dataclass, fields

import bpy
import numpy as np

from .names import MESH_REPORT


@dataclass(frozen=True)
class MeshReport:
    """Counts of one mesh, without its modifiers.

    Attributes:
        parts: That hang together by their edges.
        open_edges: Edges of one face alone.
        holes: Rims that open edges form together.
        crowded_edges: Edges of three faces or more.
        twisted_edges: Edges whose two faces disagree on what is outside.
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
        """Whether it has an inside: every edge joins two faces that agree."""
        return self.faces > 0 and not (self.open_edges or self.crowded_edges or self.twisted_edges)


def store_report(data: bpy.types.Mesh) -> MeshReport:
    """Count, and keep the counts on the mesh."""
    report = count_mesh(data)
    data[MESH_REPORT] = asdict(report)
    return report


def report_of(data: bpy.types.ID | None) -> MeshReport | None:
    """The counts that were kept; None where there are none that can be read. Cheap enough for drawing."""
    kept = data.get(MESH_REPORT) if isinstance(data, bpy.types.Mesh) else None
    values = [kept.get(field.name) for field in fields(MeshReport)] if hasattr(kept, "get") else [None]
    return MeshReport(*values) if all(type(value) is int for value in values) else None


def count_mesh(data: bpy.types.Mesh) -> MeshReport:
    """The counts of the mesh as it is now."""
    edges = read_attribute(data, ".edge_verts", 2 * len(data.edges)).reshape(-1, 2)
    corners, corner_edges = (read_attribute(data, name, len(data.loops)) for name in (".corner_vert", ".corner_edge"))
    faces_at = np.bincount(corner_edges, minlength=len(edges))
    forward_at = np.bincount(corner_edges[corners == edges[corner_edges, 0]], minlength=len(edges))
    is_open = faces_at == 1
    return MeshReport(
        vertices=len(data.vertices),
        faces=len(data.polygons),
        parts=count_groups(edges[faces_at > 0], len(data.vertices)),
        open_edges=int(is_open.sum()),
        holes=count_groups(edges[is_open], len(data.vertices)),
        crowded_edges=int((faces_at > 2).sum()),
        twisted_edges=int(((faces_at == 2) & (forward_at != 1)).sum()),
    )


def read_attribute(data: bpy.types.Mesh, name: str, count: int) -> np.ndarray:
    """(count,) int32 of an attribute; twenty times as fast as the same by data.loops."""
    values = np.empty(count, np.int32)
    if count:
        data.attributes[name].data.foreach_get("value", values)
    return values


def count_groups(pairs: np.ndarray, vertex_count: int) -> int:
    """How many groups the vertices of all pairs (N, 2) form, those that hang together counted as one.

    Every vertex points to a lower one of its group, round after round, until all point to the lowest.
    """
    lowest = np.arange(vertex_count, dtype=np.int32)
    is_lowest = np.zeros(vertex_count, bool)
    is_lowest[pairs] = True
    first, second = pairs.T
    while len(first):
        lowest[np.maximum(first, second)] = np.minimum(first, second)
        while not np.array_equal(lower := lowest[lowest], lowest):
            lowest = lower
        first, second = lowest[first], lowest[second]
        is_apart = first != second
        first, second = first[is_apart], second[is_apart]
    return int((is_lowest & (lowest == np.arange(vertex_count))).sum())
