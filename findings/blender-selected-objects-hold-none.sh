#!/usr/bin/env bash
# Version: bpy 5.2.3 (also seen in 4.2.23, 4.5.15 and 5.0.1)
# Behavior: after bpy.data.objects.remove, view_layer.objects and view_layer.objects.selected list None in place of the
#   removed object until the view layer is next brought up to date, so that a loop over them meets None. The lists of
#   the context, of the scene and of bpy.data leave it out at once.
# Output seen (two selected objects, the second is removed):
#   view_layer.objects: ['Cube', None]
#   view_layer.objects.selected: ['Cube', None]
#   context.selected_objects: ['Cube']
#   scene.objects: ['Cube']
#   view_layer.objects.selected after view_layer.update(): ['Cube']
# Needs Python 3.13.
set -euo pipefail
temp=$(mktemp -d)
trap 'rm -rf "$temp"' EXIT
PYENV_VERSION=3.13 python3.13 -m venv "$temp/venv"
"$temp/venv/bin/pip" install -qq bpy==5.2.3 numpy==2.5.5
cd "$temp"
HOME=$temp BLENDER_USER_RESOURCES=$temp venv/bin/python - <<'PY'
import bpy


def names(items):
    return [item and item.name for item in items]


bpy.ops.wm.read_factory_settings(use_empty=True)
for _ in range(2):
    bpy.ops.mesh.primitive_cube_add()
layer = bpy.context.view_layer
for item in layer.objects:
    item.select_set(True)
assert names(layer.objects.selected) == ["Cube", "Cube.001"]
bpy.data.objects.remove(bpy.data.objects["Cube.001"])
seen = {
    "view_layer.objects": names(layer.objects),
    "view_layer.objects.selected": names(layer.objects.selected),
    "context.selected_objects": names(bpy.context.selected_objects),
    "scene.objects": names(bpy.context.scene.objects),
}
layer.update()
seen["view_layer.objects.selected after view_layer.update()"] = names(layer.objects.selected)

print("bpy", bpy.app.version_string)
print("The lists of a view layer hold None for an object that was just removed:")
for name, value in seen.items():
    print(f"{name}: {value}")
assert list(seen.values()) == [["Cube", None]] * 2 + [["Cube"]] * 3, "another outcome"
PY
