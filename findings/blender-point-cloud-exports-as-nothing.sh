#!/usr/bin/env bash
# Version: bpy 5.2.3
# Behavior: of a native point cloud object, PLY and STL export write a file with nothing in it, OBJ export writes no
#   file, glTF export writes a node without a mesh, and all say FINISHED. With use_mesh_vertices glTF writes the points
#   and radii but no colors; where the cloud has no radius attribute it raises KeyError. Only USD writes all of it.
# Output seen:
#   PLY 0 vertices, STL 0 triangles, OBJ file False, glTF meshes []
#   glTF with use_mesh_vertices: KeyError without radius; with it POSITION _RADIUS
#   USD holds points = [( primvars:Color widths = [
# Needs Python 3.13.
set -euo pipefail
temp=$(mktemp -d)
trap 'rm -rf "$temp"' EXIT
PYENV_VERSION=3.13 python3.13 -m venv "$temp/venv"
"$temp/venv/bin/pip" install -qq bpy==5.2.3 numpy==2.5.5
cd "$temp"
HOME=$temp BLENDER_USER_RESOURCES=$temp venv/bin/python - <<'PY'
import json
import struct
from pathlib import Path

import bpy


def gltf_meshes():
    """The meshes in the binary glTF."""
    content = Path("x.glb").read_bytes()
    return json.loads(content[20 : 20 + struct.unpack_from("<I", content, 12)[0]]).get("meshes", [])


bpy.ops.wm.read_factory_settings(use_empty=True)
cloud = bpy.data.pointclouds.new("cloud")
cloud.resize(3)
cloud.attributes["position"].data.foreach_set("vector", [0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0, 0.0])
cloud.attributes.new("Color", "FLOAT_COLOR", "POINT").data.foreach_set("color", [1.0, 0.0, 0.0, 1.0] * 3)
bpy.context.collection.objects.link(bpy.data.objects.new("cloud", cloud))

results = {
    "PLY": bpy.ops.wm.ply_export(filepath="x.ply", ascii_format=True),
    "STL": bpy.ops.wm.stl_export(filepath="x.stl", ascii_format=True),
    "OBJ": bpy.ops.wm.obj_export(filepath="x.obj"),
    "glTF": bpy.ops.export_scene.gltf(filepath="x.glb"),
}
vertices = int(Path("x.ply").read_text().split("element vertex ")[1].split()[0])
triangles = Path("x.stl").read_text().count("facet normal")
has_obj = Path("x.obj").exists()
meshes = gltf_meshes()
try:
    bpy.ops.export_scene.gltf(filepath="x.glb", use_mesh_vertices=True)
    without_radius = "no error"
except RuntimeError as error:
    without_radius = "KeyError" if "KeyError" in str(error) else str(error)
cloud.attributes.new("radius", "FLOAT", "POINT").data.foreach_set("value", [0.5] * 3)
bpy.ops.export_scene.gltf(filepath="x.glb", use_mesh_vertices=True)
names = sorted(gltf_meshes()[0]["primitives"][0]["attributes"])
results["USD"] = bpy.ops.wm.usd_export(filepath="x.usda")
usd = Path("x.usda").read_text()

print("bpy", bpy.app.version_string)
print("A native point cloud is exported as nothing:")
print(f"PLY {vertices} vertices, STL {triangles} triangles, OBJ file {has_obj}, glTF meshes {meshes}")
print("glTF with use_mesh_vertices:", without_radius, "without radius; with it", *names)
print("USD holds", *(word for word in ("points = [(", "primvars:Color", "widths = [") if word in usd))
print("they said", *(f"{name} {result}" for name, result in results.items()))
assert all(result == {"FINISHED"} for result in results.values()), "an exporter says something else"
assert (vertices, triangles, has_obj, meshes) == (0, 0, False, []), "an exporter writes the cloud"
assert without_radius == "KeyError", "glTF export without radius ends in another way"
assert names == ["POSITION", "_RADIUS"], "glTF export of the points holds other things"
assert "points = [(0, 0, 0)" in usd and "primvars:Color" in usd and "widths = [" in usd, "USD lacks something"
PY
