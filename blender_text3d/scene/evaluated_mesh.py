# SPDX-License-Identifier: GPL-3.0-or-later
"""Evaluated meshes as arrays, read in steps of a few milliseconds.

Attributes are copied as they are in memory, a millisecond for a million of elements; collections such as
`mesh.polygons` take a hundred times as long.
"""

from collections.abc import Callable, Generator
from typing import Any, NamedTuple

import bpy
import numpy as np

from ..geometry.srgb import srgb_from_linear

MAX_READ_AT_ONCE = 100_000
"""Faces whose first corners are read from Blender; those of larger meshes are found in their edges."""
MAX_ELEMENTS_PER_STEP = 500_000
"""Meshes with fewer vertices and corners are read in one step."""
ROWS_PER_STEP = 2**17
COLOR_TYPES = ("BYTE_COLOR", "FLOAT_COLOR")


class CaptureError(Exception):
    """An object cannot be captured; the message is one sentence for the user."""


class ReadMesh(NamedTuple):
    """A mesh as arrays.

    Attributes:
        positions: `(V, 3) float32` in object space.
        corner_vertices: `(L,) int32`.
        starts: `(F + 1,) int32`, the first corner of each face, and L.
        materials: `(F,) int32`, material slots; empty if all have the first one.
        uv_maps: `(L, 2) float32` by name.
        colors: `(L, 3) float32` sRGB of each corner, by the name of its attribute.
    """

    positions: np.ndarray
    corner_vertices: np.ndarray
    starts: np.ndarray
    materials: np.ndarray
    uv_maps: dict[str, np.ndarray]
    colors: dict[str, np.ndarray]


def read_mesh(
    mesh_now: Callable[[], bpy.types.Mesh], uv_maps: set[str], colors: set[str]
) -> Generator[None, None, ReadMesh]:
    """Read a mesh; yield between steps.

    Args:
        mesh_now: Returns the evaluated mesh, which Blender may free between two steps.
        uv_maps, colors: Names of the UV maps and color attributes to read, as far as they exist.

    Raises:
        CaptureError: The mesh was changed meanwhile.
    """
    reader = MeshReader(mesh_now)
    positions = or_empty(reader.attribute("position", "vector", 3, np.float32)).reshape(-1, 3)
    yield from reader.pause()
    corner_vertices = reader.integers(".corner_vert")
    yield from reader.pause()
    materials = reader.integers("material_index")
    starts = yield from reader.starts(corner_vertices)
    maps, shown = {}, {}
    for name in sorted(uv_maps):
        values = reader.attribute(name, "vector", 2, np.float32) if is_uv_map(mesh_now(), name) else None
        if values is not None:
            maps[name] = values.reshape(-1, 2)
        yield from reader.pause()
    for name in sorted(colors):
        domain, values = read_colors(mesh_now(), name)
        yield from reader.pause()
        if values is not None and len(values) == (reader.vertices if domain == "POINT" else reader.corners):
            shown[name] = values[corner_vertices] if domain == "POINT" else values
    return ReadMesh(positions, corner_vertices, starts, materials, maps, shown)


class MeshReader:
    """Reads attributes of a mesh that must not change between two of them.

    Attributes:
        vertices, edges, corners, faces: Their numbers.
        is_large: True if it is read in more than one step.
    """

    def __init__(self, mesh_now: Callable[[], bpy.types.Mesh]):
        """Take a function that returns the evaluated mesh."""
        self.mesh_now = mesh_now
        self.size = self.vertices, self.edges, self.corners, self.faces = size_of(mesh_now())
        self.is_large = self.vertices + self.corners > MAX_ELEMENTS_PER_STEP

    def pause(self) -> Generator[None, None, None]:
        """Yield once if the mesh is large."""
        if self.is_large:
            yield

    def attribute(self, name: str, field: str, width: int, dtype: type) -> np.ndarray | None:
        """Return the values of an attribute, flat, or None if the mesh has no such one.

        Raises:
            CaptureError: The mesh was changed.
        """
        mesh = self.mesh_now()
        if size_of(mesh) != self.size:
            raise CaptureError(f'"{mesh.name}" was changed while it was captured. Start again.')
        attribute: Any = mesh.attributes.get(name)
        values: np.ndarray = np.zeros(len(attribute.data) * width if attribute else 0, dtype)
        if len(values):
            attribute.data.foreach_get(field, values)
        return values if attribute else None

    def integers(self, name: str) -> np.ndarray:
        """Return the values of an attribute of whole numbers, `(N,) int32`, none without it."""
        return or_empty(self.attribute(name, "value", 1, np.int32)).astype(np.int32, copy=False)

    def starts(self, corner_vertices: np.ndarray) -> Generator[None, None, np.ndarray]:
        """Return the first corner of each face, and the number of corners, `(F + 1,) int32`; yield between steps."""
        found = None
        if self.corners == 3 * self.faces:
            return np.arange(0, self.corners + 1, 3, dtype=np.int32)
        if self.faces > MAX_READ_AT_ONCE:
            corner_edges = self.integers(".corner_edge")
            yield
            ends = or_empty(self.attribute(".edge_verts", "value", 2, np.int32))
            yield
            found = yield from starts_in_edges(corner_vertices, corner_edges, ends, self.faces)
        if found is None:
            first = np.zeros(self.faces, np.int32)
            self.mesh_now().polygons.foreach_get("loop_start", first)
            found = np.append(first, np.int32(self.corners))
        return found


def or_empty(values: np.ndarray | None) -> np.ndarray:
    """Return the values, or none for an attribute that the mesh lacks, as one without faces may."""
    return np.zeros(0, np.int32) if values is None else values


def size_of(mesh: Any) -> tuple[int, int, int, int]:
    """Return the numbers of vertices, edges, corners and faces."""
    return len(mesh.vertices), len(mesh.edges), len(mesh.loops), len(mesh.polygons)


def is_uv_map(mesh: Any, name: str) -> bool:
    """True if a mesh has a UV map of this name."""
    attribute = mesh.attributes.get(name)
    return attribute is not None and (attribute.data_type, attribute.domain) == ("FLOAT2", "CORNER")


def read_colors(mesh: Any, name: str) -> tuple[str, np.ndarray | None]:
    """Return the domain of a color attribute and its colors `(N, 3) float32` sRGB, or None without such a one."""
    attribute = mesh.attributes.get(name)
    if attribute is None or attribute.data_type not in COLOR_TYPES or attribute.domain not in ("POINT", "CORNER"):
        return "", None
    is_linear = attribute.data_type == "FLOAT_COLOR"  # stored like that, and copied fast
    values = np.zeros(len(attribute.data) * 4, np.float32)
    attribute.data.foreach_get("color" if is_linear else "color_srgb", values)
    rgb = values.reshape(-1, 4)[:, :3]
    return attribute.domain, srgb_from_linear(rgb).astype(np.float32) if is_linear else rgb


def starts_in_edges(
    corner_vertices: np.ndarray, corner_edges: np.ndarray, ends: np.ndarray, face_count: int
) -> Generator[None, None, np.ndarray | None]:
    """Find the faces of a mesh in its corners: within a face, each corner's edge leads to the next corner's vertex.

    The last one's edge leads back to the first vertex of its face. If that is also the next face's first vertex, the
    boundary is not seen, and the result is None.

    Args:
        corner_vertices, corner_edges: `(L,) int32`.
        ends: `(2 E,) int32`, the vertices of each edge.
        face_count: Number of faces F.

    Returns:
        `(F + 1,) int32`, the first corner of each face, and L.
    """
    count = len(corner_vertices)
    if len(corner_edges) != count or not count:
        return None
    first_ends, second_ends = ends.reshape(-1, 2).T
    found = [np.zeros(1, np.int32)]
    for begin in range(0, count - 1, ROWS_PER_STEP):
        rows = slice(begin, min(begin + ROWS_PER_STEP, count - 1))
        edges, here = corner_edges[rows], corner_vertices[rows]
        following = corner_vertices[rows.start + 1 : rows.stop + 1]
        leads_to = first_ends[edges] + second_ends[edges] - here
        found.append((np.flatnonzero(leads_to != following) + begin + 1).astype(np.int32))
        yield
    starts = np.concatenate([*found, np.array([count], np.int32)])
    return starts if len(starts) == face_count + 1 else None
