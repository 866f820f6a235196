#!/usr/bin/env bash
# Version: bpy 5.2.3 (also seen in 4.2.23, 4.5.15 and 5.0.1)
# Behavior: in Edit Mode object.data = mesh does nothing. No error, no warning, and the property says that it can be
#   edited; the object keeps its mesh and the other one gets no user. In Sculpt Mode, Weight Paint and Object Mode it
#   is assigned.
# Output seen:
#   Edit Mode: the object has "Cube", is_property_readonly False, users of the other mesh 0
#   Sculpt Mode: the object has "other", users of the other mesh 1
#   Weight Paint: the object has "other", users of the other mesh 1
#   Object Mode: the object has "other", users of the other mesh 1
# Needs Python 3.13.
set -euo pipefail
temp=$(mktemp -d)
trap 'rm -rf "$temp"' EXIT
PYENV_VERSION=3.13 python3.13 -m venv "$temp/venv"
"$temp/venv/bin/pip" install -qq bpy==5.2.3 numpy==2.5.5
cd "$temp"
HOME=$temp BLENDER_USER_RESOURCES=$temp venv/bin/python - <<'PY'
import bpy


def assigned(mode):
    """The name of the mesh after another one is assigned in a mode, and the users of that one."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    bpy.ops.mesh.primitive_cube_add()
    target, other = bpy.context.object, bpy.data.meshes.new("other")
    bpy.ops.object.mode_set(mode=mode)
    assert not target.is_property_readonly("data"), "the property says that it is read-only"
    target.data = other
    return target.data.name, other.users


print("bpy", bpy.app.version_string)
print("In Edit Mode another mesh is not assigned, and nothing says so:")
name, users = assigned("EDIT")
print(f'Edit Mode: the object has "{name}", is_property_readonly False, users of the other mesh {users}')
assert (name, users) == ("Cube", 0), "the mesh is assigned in Edit Mode"
for label, mode in (("Sculpt Mode", "SCULPT"), ("Weight Paint", "WEIGHT_PAINT"), ("Object Mode", "OBJECT")):
    name, users = assigned(mode)
    print(f'{label}: the object has "{name}", users of the other mesh {users}')
    assert (name, users) == ("other", 1), "the mesh is not assigned"
PY
