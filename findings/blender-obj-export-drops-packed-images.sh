#!/usr/bin/env bash
# Version: bpy 5.2.3 (also seen in 4.2.23, 4.5.15 and 5.0.1)
# Behavior: the material file of OBJ export has no texture where the image is packed or made in Blender, with any path
#   mode, "COPY" too, and the export says FINISHED without a warning. glTF, FBX and USD export write the same image.
# Output seen:
#   AUTO, COPY, STRIP: FINISHED, texture lines 0, images beside the file 0
#   COPY with the image in a file: texture lines 1, images beside the file 1
#   glTF holds 1 image
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


def exported(folder, mode):
    """Return the lines of textures and the images of an OBJ export."""
    Path(folder).mkdir()
    assert bpy.ops.wm.obj_export(filepath=f"{folder}/x.obj", path_mode=mode) == {"FINISHED"}
    lines = Path(folder, "x.mtl").read_text().splitlines()
    return len([line for line in lines if line.startswith("map_Kd")]), len(list(Path(folder).glob("*.png")))


bpy.ops.wm.read_factory_settings(use_empty=True)
bpy.ops.mesh.primitive_cube_add()
image = bpy.data.images.new("painting", 8, 8)
image.pack()
material = bpy.data.materials.new("painted")
if material.node_tree is None:
    material.use_nodes = True
nodes, links = material.node_tree.nodes, material.node_tree.links
texture = nodes.new("ShaderNodeTexImage")
texture.image = image
links.new(texture.outputs["Color"], nodes["Principled BSDF"].inputs["Base Color"])
bpy.context.object.data.materials.append(material)

packed = {mode: exported(f"packed-{mode}", mode) for mode in ("AUTO", "COPY", "STRIP")}
bpy.ops.export_scene.gltf(filepath="x.glb")
content = Path("x.glb").read_bytes()
in_gltf = len(json.loads(content[20 : 20 + struct.unpack_from("<I", content, 12)[0]])["images"])
image.save(filepath=str(Path("painting.png").resolve()))
image.source, image.filepath = "FILE", str(Path("painting.png").resolve())
in_file = exported("file", "COPY")

print("bpy", bpy.app.version_string)
print("OBJ export of a packed image:")
for mode, (lines, images) in packed.items():
    print(f"{mode}: FINISHED, texture lines {lines}, images beside the file {images}")
print(f"COPY with the image in a file: texture lines {in_file[0]}, images beside the file {in_file[1]}")
print(f"glTF holds {in_gltf} image")
assert set(packed.values()) == {(0, 0)}, "the packed image is exported"
assert in_file == (1, 1), "an image in a file is not exported"
assert in_gltf == 1, "glTF export drops the packed image"
PY
