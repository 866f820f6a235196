#!/usr/bin/env bash
# Version: bpy 5.2.3 (in 4.2.23, 4.5.15 and 5.0.1 the name is empty then)
# Behavior: after the active color attribute of a mesh was removed, `active_color_name` still has its name, while
#   `active_color` is None. Code that asks by the name if a mesh has colors sees colors that are gone; before 5.2 it is
#   right.
# Output seen:
#   with the attribute: name 'Paint', attribute Paint
#   after removing it: name 'Paint', attribute None
# Needs Python 3.13.
set -euo pipefail
temp=$(mktemp -d)
trap 'rm -rf "$temp"' EXIT
PYENV_VERSION=3.13 python3.13 -m venv "$temp/venv"
"$temp/venv/bin/pip" install -qq bpy==5.2.3 numpy==2.5.5
cd "$temp"
HOME=$temp BLENDER_USER_RESOURCES=$temp venv/bin/python - <<'PY'
import bpy


def state(data):
    colors = data.color_attributes
    return colors.active_color_name, colors.active_color and colors.active_color.name


bpy.ops.wm.read_factory_settings(use_empty=True)
data = bpy.data.meshes.new("mesh")
data.from_pydata([(0, 0, 0), (1, 0, 0), (0, 1, 0)], [], [(0, 1, 2)])
data.color_attributes.active_color = data.color_attributes.new("Paint", "BYTE_COLOR", "POINT")
before = state(data)
data.color_attributes.remove(data.color_attributes["Paint"])
after = state(data)
print("bpy", bpy.app.version_string)
print("The name of the active color attribute stays when the attribute is removed:")
print(f"with the attribute: name {before[0]!r}, attribute {before[1]}")
print(f"after removing it: name {after[0]!r}, attribute {after[1]}")
assert before == ("Paint", "Paint"), "another state before"
assert after == ("Paint", None), "another state after"
assert not data.color_attributes, "the attribute is still there"
PY
