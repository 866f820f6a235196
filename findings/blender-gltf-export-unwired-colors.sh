#!/usr/bin/env bash
# Version: bpy 5.2.3 (also seen in 4.5.15, 5.0.1 and, with a COLOR_1 of floats, in 4.2.23)
# Behavior: a red color attribute under a material that does not read it is not left out by the glTF exporter: with
#   default options it becomes COLOR_1, and COLOR_0, which is what readers show, is written all white. A log line says
#   that the colors are not exported. With the attribute wired to the base color, COLOR_0 is red.
# Output seen:
#   plain material: COLOR_0 [255, 255, 255, 255] COLOR_1 [65535, 0, 0, 65535]
#   wired material: COLOR_0 [1.0, 0.0, 0.0]
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

import bpy
import numpy as np


def colors_in_file():
    """The first vertex's colors in a binary glTF that is made of the scene."""
    bpy.ops.export_scene.gltf(filepath="x.glb")
    with open("x.glb", "rb") as file:
        content = file.read()
    length = struct.unpack_from("<I", content, 12)[0]
    tree, binary = json.loads(content[20 : 20 + length]), content[28 + length :]
    found = {}
    for name, number in tree["meshes"][0]["primitives"][0]["attributes"].items():
        if name.startswith("COLOR"):
            accessor = tree["accessors"][number]
            kind = {5121: np.uint8, 5123: np.uint16, 5126: np.float32}[accessor["componentType"]]
            start = tree["bufferViews"][accessor["bufferView"]].get("byteOffset", 0) + accessor.get("byteOffset", 0)
            found[name] = np.frombuffer(binary, kind, int(accessor["type"][3:]), start).tolist()
    return found


bpy.ops.wm.read_factory_settings(use_empty=True)
mesh = bpy.data.meshes.new("triangle")
mesh.from_pydata([(0, 0, 0), (1, 0, 0), (0, 1, 0)], [], [(0, 1, 2)])
mesh.color_attributes.new("Color", "FLOAT_COLOR", "POINT").data.foreach_set("color", [1.0, 0.0, 0.0, 1.0] * 3)
bpy.context.collection.objects.link(bpy.data.objects.new("triangle", mesh))
material = bpy.data.materials.new("plain")
if material.node_tree is None:
    material.use_nodes = True
mesh.materials.append(material)
plain = colors_in_file()

nodes, links = material.node_tree.nodes, material.node_tree.links
reader = nodes.new("ShaderNodeVertexColor")
reader.layer_name = "Color"
shader = next(node for node in nodes if node.type == "BSDF_PRINCIPLED")
links.new(reader.outputs["Color"], shader.inputs["Base Color"])
wired = colors_in_file()

print("bpy", bpy.app.version_string)
print("A color attribute that the material does not read is exported as a white COLOR_0:")
print("plain material:", *(f"{name} {value}" for name, value in sorted(plain.items())))
print("wired material:", *(f"{name} {value}" for name, value in sorted(wired.items())))
assert wired["COLOR_0"][:3] in ([1.0, 0.0, 0.0], [65535, 0, 0]), "the wired colors are not exported"
assert plain["COLOR_0"] == [255, 255, 255, 255], "COLOR_0 is not white"
assert plain["COLOR_1"] == [65535, 0, 0, 65535], "the colors are not in COLOR_1"
PY
