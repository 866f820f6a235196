#!/usr/bin/env bash
# Version: bpy 5.2.3 (also seen in 4.2.23, 4.5.15 and 5.0.1)
# Behavior: object.bake into a material without an active image node neither bakes nor raises. It prints a line of kind
#   Info and returns CANCELLED, where operators that refuse for other reasons (no UV map, for one) raise RuntimeError.
#   A script that only waits for exceptions saves an empty texture.
# Output seen:
#   without an image node: {'CANCELLED'}
#   without a UV map: RuntimeError
#   with an image node: {'FINISHED'}
# Needs Python 3.13.
set -euo pipefail
temp=$(mktemp -d)
trap 'rm -rf "$temp"' EXIT
PYENV_VERSION=3.13 python3.13 -m venv "$temp/venv"
"$temp/venv/bin/pip" install -qq bpy==5.2.3 numpy==2.5.5
cd "$temp"
HOME=$temp BLENDER_USER_RESOURCES=$temp venv/bin/python - <<'PY'
import bpy


def bake():
    """What baking returns, or the name of what it raises."""
    try:
        return bpy.ops.object.bake(type="EMIT")
    except RuntimeError as error:
        print("   ", str(error).strip())
        return "RuntimeError"


bpy.ops.wm.read_factory_settings(use_empty=True)
scene = bpy.context.scene
scene.render.engine, scene.cycles.device, scene.cycles.samples = "CYCLES", "CPU", 1
mesh = bpy.data.meshes.new("triangle")
mesh.from_pydata([(0, 0, 0), (1, 0, 0), (0, 1, 0)], [], [(0, 1, 2)])
mesh.uv_layers.new()
target = bpy.data.objects.new("triangle", mesh)
bpy.context.collection.objects.link(target)
bpy.context.view_layer.objects.active = target
target.select_set(True)
material = bpy.data.materials.new("plain")
if material.node_tree is None:
    material.use_nodes = True
mesh.materials.append(material)
without_image = bake()
node = material.node_tree.nodes.new("ShaderNodeTexImage")
node.image = bpy.data.images.new("texture", 8, 8)
material.node_tree.nodes.active = node
node.select = True
with_image = bake()
mesh.uv_layers.remove(mesh.uv_layers[0])
without_uv = bake()

print("bpy", bpy.app.version_string)
print("Baking without an image node is no error:")
print("without an image node:", without_image)
print("without a UV map:", without_uv)
print("with an image node:", with_image)
assert without_image == {"CANCELLED"}, "baking without an image node ends in another way"
assert without_uv == "RuntimeError", "baking without a UV map ends in another way"
assert with_image == {"FINISHED"}, "baking with an image node does not work"
PY
