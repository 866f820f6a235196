#!/usr/bin/env bash
# Version: bpy 5.2.3 (also seen in 4.2.23, 4.5.15 and 5.0.1)
# Behavior: glTF export that is called for another scene, by context.temp_override, leaves the window in that scene, so
#   that the user looks at it afterwards. USD, OBJ and FBX export of the same scene leave the window as it was.
# Output seen (the window shows "Scene", the exported scene is "Other"):
#   wm.usd_export: ['Scene'], wm.obj_export: ['Scene'], export_scene.fbx: ['Scene'], export_scene.gltf: ['Other']
# Needs Python 3.13.
set -euo pipefail
temp=$(mktemp -d)
trap 'rm -rf "$temp"' EXIT
PYENV_VERSION=3.13 python3.13 -m venv "$temp/venv"
"$temp/venv/bin/pip" install -qq bpy==5.2.3 numpy==2.5.5
cd "$temp"
HOME=$temp BLENDER_USER_RESOURCES=$temp venv/bin/python - <<'PY'
import bpy

bpy.ops.wm.read_factory_settings(use_empty=True)
bpy.ops.mesh.primitive_cube_add()
other = bpy.data.scenes.new("Other")
other.collection.objects.link(bpy.context.object)
exporters = {
    "wm.usd_export": lambda: bpy.ops.wm.usd_export(filepath="x.usdc"),
    "wm.obj_export": lambda: bpy.ops.wm.obj_export(filepath="x.obj"),
    "export_scene.fbx": lambda: bpy.ops.export_scene.fbx(filepath="x.fbx"),
    "export_scene.gltf": lambda: bpy.ops.export_scene.gltf(filepath="x.glb", use_active_scene=True),
}
seen = {}
for name, export in exporters.items():
    with bpy.context.temp_override(scene=other, view_layer=other.view_layers[0]):
        assert export() == {"FINISHED"}
    seen[name] = [window.scene.name for window in bpy.context.window_manager.windows]

print("bpy", bpy.app.version_string)
print("The scene that the window shows after each export of another scene:")
print(", ".join(f"{name}: {scenes}" for name, scenes in seen.items()))
assert list(seen.values()) == [["Scene"]] * 3 + [["Other"]], "another outcome"
PY
