#!/usr/bin/env bash
# Version: bpy 5.2.3 (also seen in 4.2.23)
# Behavior: QuadriFlow says of a closed, consistent mesh that it is not manifold if one edge is shorter than 0.0001
#   units, whatever the size of the mesh: a sphere of 6 mm in meters is refused, and so is a large one with a sliver,
#   as marching cubes leave them. The same mesh, enlarged, is remeshed. 4.2 returns FINISHED for the refusal.
# Output seen:
#   a sphere: shortest edge 3.8e-02, FINISHED, changed
#   a small sphere: shortest edge 3.8e-05, CANCELLED, unchanged
#   the small sphere, enlarged: shortest edge 3.8e-02, FINISHED, changed
#   a sphere with one short edge: shortest edge 5.0e-05, CANCELLED, unchanged
# Needs Python 3.13.
set -euo pipefail
temp=$(mktemp -d)
trap 'rm -rf "$temp"' EXIT
PYENV_VERSION=3.13 python3.13 -m venv "$temp/venv"
"$temp/venv/bin/pip" install -qq bpy==5.2.3 numpy==2.5.5
cd "$temp"
HOME=$temp BLENDER_USER_RESOURCES=$temp venv/bin/python - <<'PY'
import bpy

import bmesh  # after bpy, which brings it


def sphere(radius=1.0, short_edge=0.0):
    """A closed sphere; with a short edge, one vertex is moved close to its neighbor along their edge."""
    bpy.ops.mesh.primitive_ico_sphere_add(radius=radius, subdivisions=4)
    if short_edge:
        first, second = (bpy.context.object.data.vertices[row] for row in bpy.context.object.data.edges[0].vertices)
        second.co = first.co + (second.co - first.co).normalized() * short_edge
    return bpy.context.object


def enlarged(target, factor):
    for vertex in target.data.vertices:
        vertex.co *= factor
    return target


def is_manifold(mesh):
    """True if every edge joins two faces of opposite direction."""
    bm = bmesh.new()
    bm.from_mesh(mesh)
    sound = all(edge.is_manifold and edge.is_contiguous for edge in bm.edges)
    bm.free()
    return sound


def remesh(name, target):
    mesh, count = target.data, len(target.data.polygons)
    assert is_manifold(mesh), "the input is at fault"
    places = [vertex.co for vertex in mesh.vertices]
    shortest = min((places[edge.vertices[0]] - places[edge.vertices[1]]).length for edge in mesh.edges)
    (result,) = bpy.ops.object.quadriflow_remesh(mode="FACES", target_faces=300)
    changed = len(target.data.polygons) != count
    print(f"{name}: shortest edge {shortest:.1e}, {result}, {'changed' if changed else 'unchanged'}")
    return result, changed


bpy.ops.wm.read_factory_settings(use_empty=True)
print("bpy", bpy.app.version_string)
rows = [
    remesh("a sphere", sphere()),
    remesh("a small sphere", sphere(0.0005)),
    remesh("the small sphere, enlarged", enlarged(sphere(0.0005), 2000)),
    remesh("a sphere with one short edge", sphere(short_edge=5e-5)),
]
done, refused = ("FINISHED", True), ("CANCELLED", False)
assert rows == [done, refused, done, refused], "another outcome"
PY
