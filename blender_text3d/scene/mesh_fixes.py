# SPDX-License-Identifier: GPL-3.0-or-later
"""Repair of meshes: what mesh_defects counts is removed. Colors, UV maps and shape keys of the other faces stay."""

from collections.abc import Callable
from typing import Any, NamedTuple

import bmesh
import bpy
import numpy as np

from .face_orientation import flipped_faces
from .mesh_defects import SAME_PLACE, small_parts
from .non_manifold import delete_faces, make_manifold


class Fixes(NamedTuple):
    """Choice of repairs.

    Attributes:
        holes: True to fill holes.
        max_hole_edges: Edges of the largest hole that is filled; 0 for all.
        non_manifold: True to make edges with three faces or more manifold.
        normals: True to turn flipped faces.
        loose: True to remove loose vertices and edges, faces without area, and to merge duplicate vertices.
        small_share: Share of the largest part's area below which a loose part is removed; 0 for none.
    """

    holes: bool = True
    max_hole_edges: int = 0
    non_manifold: bool = True
    normals: bool = True
    loose: bool = True
    small_share: float = 0.0


def fix_mesh(data: bpy.types.Mesh, fixes: Fixes) -> None:
    """Repair a mesh in place."""
    if fixes.loose:
        edit(data, remove_loose)
    if fixes.non_manifold:
        edit(data, make_manifold)
    if fixes.small_share:
        _, is_small = small_parts(data, fixes.small_share)
        edit(data, lambda bm: delete_faces(bm, faces_at(bm, is_small)))
    if fixes.holes:
        edit(data, lambda bm: fill_holes(bm, fixes.max_hole_edges))
    if fixes.normals:
        turn_flipped(data)
    data.update()


def prepare_for_quads(data: bpy.types.Mesh) -> None:
    """Repair what Blender's QuadriFlow refuses; holes may stay."""
    fix_mesh(data, Fixes(holes=False))


def edit(data: bpy.types.Mesh, change: Callable[[bmesh.types.BMesh], None]) -> None:
    """Change a mesh by a function of its editable form."""
    bm = bmesh.new()
    try:
        bm.from_mesh(data)
        change(bm)
        bm.to_mesh(data)
    finally:
        bm.free()


def faces_at(bm: bmesh.types.BMesh, is_chosen: np.ndarray) -> list[Any]:
    """Return the faces of a mesh that are chosen by their index."""
    faces: Any = bm.faces
    faces.ensure_lookup_table()
    return [faces[row] for row in np.flatnonzero(is_chosen).tolist()]


def remove_loose(bm: bmesh.types.BMesh) -> None:
    """Merge duplicate vertices of open edges, and remove faces without area, and edges and vertices without a face."""
    distance = size_of(bm)
    is_open = {vertex for edge in bm.edges if len(edge.link_faces) == 1 for vertex in edge.verts}
    bmesh.ops.remove_doubles(bm, verts=list(is_open), dist=distance)
    bmesh.ops.dissolve_degenerate(bm, dist=distance, edges=list(bm.edges))
    delete_faces(bm, [face for face in bm.faces if face.calc_area() <= distance**2])
    bmesh.ops.delete(bm, geom=[edge for edge in bm.edges if not edge.link_faces], context="EDGES")
    bmesh.ops.delete(bm, geom=[vertex for vertex in bm.verts if not vertex.link_edges], context="VERTS")


def size_of(bm: bmesh.types.BMesh) -> float:
    """Return the distance up to which vertices are at the same place."""
    positions = np.array([vertex.co[:] for vertex in bm.verts]).reshape(-1, 3)
    return SAME_PLACE * float(np.linalg.norm(np.ptp(positions, axis=0))) if len(positions) else 0.0


def fill_holes(bm: bmesh.types.BMesh, max_edges: int) -> None:
    """Close holes by triangles, whose corners take UV and colors, and whose material and shading are, of a neighbor."""
    edges = [edge for edge in bm.edges if len(edge.link_faces) == 1]
    if not edges:
        return
    filled = bmesh.ops.holes_fill(bm, edges=edges, sides=max_edges)["faces"]
    made = (
        bmesh.ops.triangulate(bm, faces=filled, quad_method="BEAUTY", ngon_method="BEAUTY")["faces"] if filled else []
    )
    new = set(made) | {face for face in filled if face.is_valid}
    for face in new:
        for corner in face.loops:
            others = [loop for loop in corner.vert.link_loops if loop.face not in new]
            if others:
                corner.copy_from(others[0])
                face.material_index, face.smooth = others[0].face.material_index, others[0].face.smooth


def turn_flipped(data: bpy.types.Mesh) -> None:
    """Turn the faces that are flipped."""
    is_flipped = flipped_faces(data)
    if is_flipped.any():
        edit(data, lambda bm: reverse(bm, faces_at(bm, is_flipped)))


def reverse(bm: bmesh.types.BMesh, faces: list[Any]) -> None:
    """Turn faces."""
    bmesh.ops.reverse_faces(bm, faces=faces)
