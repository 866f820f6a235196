#!/usr/bin/env bash
# Version: bpy 5.2.3 (also seen in 4.2.23, 4.5.15 and 5.0.1)
# Behavior: a property of an object that points to the object's own mesh makes that mesh a "multi-user" one, though only
#   this object shows it: its number of users becomes 2, and Blender refuses to apply a modifier, to apply the scale and
#   to do all else that a shared mesh does not allow. A registered PointerProperty and a custom property do the same.
# Output seen:
#   without a pointer: users 1, modifier FINISHED, scale FINISHED
#   PointerProperty to the own mesh: users 2, modifier refused, scale refused
#   custom property with the own mesh: users 2, modifier refused, scale refused
#   its name instead: users 1, modifier FINISHED, scale FINISHED
# Needs Python 3.13.
set -euo pipefail
temp=$(mktemp -d)
trap 'rm -rf "$temp"' EXIT
PYENV_VERSION=3.13 python3.13 -m venv "$temp/venv"
"$temp/venv/bin/pip" install -qq bpy==5.2.3 numpy==2.5.5
cd "$temp"
HOME=$temp BLENDER_USER_RESOURCES=$temp venv/bin/python - <<'PY'
import bpy


def outcome(operator, **options):
    try:
        return operator(**options).pop()
    except RuntimeError as error:
        assert "multi" in str(error), "refused for another reason"
        return "refused"


def attempt(point):
    """The users of the mesh of a new object that points to it, and if a modifier and the scale can be applied."""
    bpy.ops.mesh.primitive_cube_add()
    target = bpy.context.object
    target.modifiers.new("Subdivision", "SUBSURF")
    point(target)
    users = target.data.users
    applied = outcome(bpy.ops.object.modifier_apply, modifier="Subdivision")
    return users, applied, outcome(bpy.ops.object.transform_apply, location=False, rotation=False)


def by_property(target):
    target.shown = target.data


def by_custom_property(target):
    target["shown"] = target.data


def by_name(target):
    target["shown"] = target.data.name


bpy.ops.wm.read_factory_settings(use_empty=True)
bpy.types.Object.shown = bpy.props.PointerProperty(type=bpy.types.Mesh)
print("bpy", bpy.app.version_string)
print("A pointer to an object's own mesh counts as a second user:")
rows = {
    "without a pointer": attempt(lambda target: None),
    "PointerProperty to the own mesh": attempt(by_property),
    "custom property with the own mesh": attempt(by_custom_property),
    "its name instead": attempt(by_name),
}
for name, (users, modifier, scale) in rows.items():
    print(f"{name}: users {users}, modifier {modifier}, scale {scale}")
fine, refused = (1, "FINISHED", "FINISHED"), (2, "refused", "refused")
assert list(rows.values()) == [fine, refused, refused, fine], "another outcome"
PY
