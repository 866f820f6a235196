# SPDX-License-Identifier: GPL-3.0-or-later
"""Edges with three faces or more → edges with two: walls and fins are removed, touching bodies come apart.

Source: A. Guéziec et al., Cutting and Stitching: Converting Sets of Polygons to Manifold Surfaces, IEEE TVCG 7 (2001),
for the corners that are joined across the edges of each body.
"""

import math
from typing import Any

import bmesh
from mathutils import Vector

MAX_ROUNDS = 20


def make_manifold(bm: bmesh.types.BMesh) -> None:
    """Leave no edge with three faces or more."""
    delete_faces(bm, duplicate_faces(bm))
    for _ in range(MAX_ROUNDS):
        walls = walls_and_fins(bm)
        if not walls:
            break
        delete_faces(bm, walls)
    for is_solid in (True, False):
        separate_bodies(bm, is_solid)
    bmesh.ops.split_edges(bm, edges=crowded_edges(bm))


def crowded_edges(bm: bmesh.types.BMesh) -> list[Any]:
    """Return the edges with three faces or more."""
    return [edge for edge in bm.edges if len(edge.link_faces) > 2]


def delete_faces(bm: bmesh.types.BMesh, faces: list[Any]) -> None:
    """Delete faces, with the edges and vertices that only they had."""
    if faces:
        bmesh.ops.delete(bm, geom=faces, context="FACES")


def duplicate_faces(bm: bmesh.types.BMesh) -> list[Any]:
    """Return the faces that have the same vertices as an earlier one."""
    seen, found = set(), []
    for face in bm.faces:
        vertices = frozenset(vertex.index for vertex in face.verts)
        if vertices in seen:
            found.append(face)
        seen.add(vertices)
    return found


def walls_and_fins(bm: bmesh.types.BMesh) -> list[Any]:
    """Return faces whose edges are all open or crowded, as long as every crowded edge keeps two faces."""
    crowded = crowded_edges(bm)
    left = {edge: len(edge.link_faces) for edge in crowded}
    found = []
    for face in dict.fromkeys(face for edge in crowded for face in edge.link_faces):
        own = [edge for edge in face.edges if edge in left]
        is_wall = all(edge in left or len(edge.link_faces) == 1 for edge in face.edges)
        if is_wall and all(left[edge] > 2 for edge in own):
            found.append(face)
            for edge in own:
                left[edge] -= 1
    return found


def separate_bodies(bm: bmesh.types.BMesh, is_solid: bool) -> None:
    """Split the vertices of crowded edges where bodies meet, so that each body keeps an edge of its own.

    Args:
        bm: The mesh.
        is_solid: True if the faces face outward; False if they face inward.
    """
    crowded = crowded_edges(bm)
    if not crowded:
        return
    joined = {edge: pairs_of(edge, is_solid) for edge in crowded}
    merged: dict[Any, Any] = {}
    for vertex in dict.fromkeys(vertex for edge in crowded for vertex in edge.verts):
        for corners in bodies_at(vertex, joined)[1:]:
            first, *others = [bmesh.utils.loop_separate(corner) for corner in corners]
            merged.update(dict.fromkeys(others, first))
    bmesh.ops.weld_verts(bm, targetmap=merged)


def pairs_of(edge: Any, is_solid: bool) -> list[tuple[Any, Any]]:
    """Return pairs of an edge's faces with a body between them, in their order around the edge.

    Seen along the edge, the body is clockwise of a face that runs along it in the same direction and faces outward.
    """
    direction = (edge.verts[1].co - edge.verts[0].co).normalized()
    side = direction.orthogonal()
    up = direction.cross(side)
    around = sorted(edge.link_loops, key=lambda loop: angle_of(loop, edge, side, up))
    is_end = [(loop.vert == edge.verts[0]) == is_solid for loop in around]
    start = next((row for row in range(len(around)) if not is_end[row] and is_end[(row + 1) % len(around)]), 0)
    faces = [loop.face for loop in around[start:] + around[:start]]
    return list(zip(faces[::2], faces[1::2], strict=False))


def angle_of(loop: Any, edge: Any, side: Vector, up: Vector) -> float:
    """Return the direction of a face around its edge."""
    away = loop.face.calc_center_median() - edge.verts[0].co
    return math.atan2(away.dot(up), away.dot(side))


def bodies_at(vertex: Any, joined: dict[Any, list[tuple[Any, Any]]]) -> list[list[Any]]:
    """Return the corners at a vertex, those of each body together: faces joined by an edge or by a pair."""
    corners = {loop.face: loop for loop in vertex.link_loops}
    neighbors: dict[Any, list[Any]] = {face: [] for face in corners}
    for edge in vertex.link_edges:
        faces = list(edge.link_faces)
        pairs = joined[edge] if edge in joined else [(faces[0], faces[1])] if len(faces) == 2 else []
        for first, second in pairs:
            neighbors[first].append(second)
            neighbors[second].append(first)
    bodies, is_done = [], set()
    for face in corners:
        if face in is_done:
            continue
        body, front = [], [face]
        while front:
            here = front.pop()
            if here not in is_done:
                is_done.add(here)
                body.append(corners[here])
                front += neighbors[here]
        bodies.append(body)
    return bodies
