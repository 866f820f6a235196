#!/usr/bin/env bash
# Version: bpy 5.2.3 (also seen in 4.2.23, 4.5.15 and 5.0.1)
# Behavior: an operator with the UNDO option that a script calls, and that returns FINISHED, pushes no undo step. What
#   it did belongs to no step: one undo goes to the step before the last explicit one, so it takes back what that step
#   recorded as well. With True as second positional argument each call pushes its own step.
# Output seen:
#   start, cube, explicit step, sphere: ['Cube', 'Sphere'], after one undo: []
#   start, cube with True, sphere with True: ['Cube', 'Sphere'], after one undo: ['Cube']
# Needs Python 3.13.
set -euo pipefail
temp=$(mktemp -d)
trap 'rm -rf "$temp"' EXIT
PYENV_VERSION=3.13 python3.13 -m venv "$temp/venv"
"$temp/venv/bin/pip" install -qq bpy==5.2.3 numpy==2.5.5
cd "$temp"
HOME=$temp BLENDER_USER_RESOURCES=$temp venv/bin/python - <<'PY'
import bpy


def start():
    """An empty file with one undo step."""
    bpy.ops.wm.read_homefile(app_template="", use_empty=True)
    bpy.ops.ed.undo_push(message="start")


def names():
    return sorted(item.name for item in bpy.data.objects)


def names_after_undo():
    assert bpy.ops.ed.undo() == {"FINISHED"}
    return names()


start()
assert "UNDO" in bpy.ops.mesh.primitive_uv_sphere_add.bl_options, "the operator knows no undo"
bpy.ops.mesh.primitive_cube_add()
bpy.ops.ed.undo_push(message="explicit step")
assert bpy.ops.mesh.primitive_uv_sphere_add() == {"FINISHED"}
plain = names(), names_after_undo()

start()
bpy.ops.mesh.primitive_cube_add("EXEC_DEFAULT", True)
bpy.ops.mesh.primitive_uv_sphere_add("EXEC_DEFAULT", True)
pushed = names(), names_after_undo()

print("bpy", bpy.app.version_string)
print("An operator that a script calls pushes no undo step:")
print(f"start, cube, explicit step, sphere: {plain[0]}, after one undo: {plain[1]}")
print(f"start, cube with True, sphere with True: {pushed[0]}, after one undo: {pushed[1]}")
assert plain == (["Cube", "Sphere"], []), "the sphere has an undo step"
assert pushed == (["Cube", "Sphere"], ["Cube"]), "True pushes no step"
PY
