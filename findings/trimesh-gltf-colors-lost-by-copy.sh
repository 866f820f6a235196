#!/usr/bin/env bash
# Version: trimesh 5.2.0
# Behavior: where a GLB has COLOR_0 and a material, trimesh gives the mesh a TextureVisuals, keeps the colors only in its
#   vertex_attributes, and loses them without a word in copy() of the mesh and in dump() of the scene, whose usual purpose
#   is to place the parts. The colors of a GLB without a material survive both.
# Output seen:
#   without material: vertex, colors loaded: yes, after copy: yes, after dump: yes
#   with material: texture, colors loaded: yes, after copy: no, after dump: no
set -euo pipefail
temp=$(mktemp -d)
trap 'rm -rf "$temp"' EXIT
python3 -m venv "$temp/venv"
"$temp/venv/bin/pip" install -qq trimesh==5.2.0 numpy==2.4.6
"$temp/venv/bin/python" - <<'PY'
import io
import json
import struct

import numpy as np
import trimesh

print("trimesh", trimesh.__version__)


def glb(has_material):
    """Return a triangle of three red corners as a GLB."""
    places = np.float32([[0, 0, 0], [1, 0, 0], [0, 1, 0]]).tobytes()
    colors = np.float32([[1, 0, 0]] * 3).tobytes()
    primitive = {"attributes": {"POSITION": 0, "COLOR_0": 1}}
    tree = {
        "asset": {"version": "2.0"}, "scene": 0, "scenes": [{"nodes": [0]}], "nodes": [{"mesh": 0}],
        "meshes": [{"primitives": [primitive]}],
        "buffers": [{"byteLength": 72}],
        "bufferViews": [{"buffer": 0, "byteOffset": 36 * i, "byteLength": 36} for i in (0, 1)],
        "accessors": [
            {"bufferView": 0, "componentType": 5126, "count": 3, "type": "VEC3", "min": [0, 0, 0], "max": [1, 1, 0]},
            {"bufferView": 1, "componentType": 5126, "count": 3, "type": "VEC3"},
        ],
    }
    if has_material:
        tree["materials"] = [{"pbrMetallicRoughness": {"metallicFactor": 0.0}}]
        primitive["material"] = 0
    text = json.dumps(tree).encode()
    text += b" " * (-len(text) % 4)
    chunks = struct.pack("<I", len(text)) + b"JSON" + text + struct.pack("<I", 72) + b"BIN\0" + places + colors
    return b"glTF" + struct.pack("<II", 2, 12 + len(chunks)) + chunks


def has_red(mesh):
    """Tell whether the red of the corners is anywhere in a mesh."""
    if mesh.visual.kind == "vertex":
        return bool((mesh.visual.vertex_colors[:, :3] == [255, 0, 0]).all())
    kept = {**mesh.vertex_attributes, **getattr(mesh.visual, "vertex_attributes", {})}
    return any(np.allclose(np.asarray(values)[:, :3], [1, 0, 0]) for values in kept.values() if np.ndim(values) == 2)


seen = {}
for has_material in (False, True):
    scene = trimesh.load_scene(io.BytesIO(glb(has_material)), file_type="glb", process=False)
    (mesh,) = scene.geometry.values()
    (placed,) = scene.dump()
    seen[has_material] = (mesh.visual.kind, has_red(mesh), has_red(mesh.copy()), has_red(placed))
    kind, loaded, copied, dumped = ("yes" if value is True else "no" if value is False else value for value in seen[has_material])
    print(f"{'with' if has_material else 'without'} material: {kind}, colors loaded: {loaded}, after copy: {copied}, after dump: {dumped}")
assert seen == {False: ("vertex", True, True, True), True: ("texture", True, False, False)}, "trimesh keeps other colors"
PY
