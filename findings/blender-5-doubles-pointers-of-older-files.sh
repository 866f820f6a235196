#!/usr/bin/env bash
# Version: bpy 5.2.3 with files of 4.5.15 (also seen in 5.0.1, and with files of 4.2.23)
# Behavior: since 5.0 registered properties are stored apart from custom properties. A file of 4.x gets a copy of each
#   there, and the old value stays as a custom property of the same name, which nothing updates. It goes on counting as
#   a user: a mesh with one pointer to it has two users, and one when the pointer is cleared. Deleting the custom
#   property by its name leaves the registered property as it is.
# Output seen:
#   saved by 4.5.15: users 1
#   opened by 4.5.15: users 1, cleared: users 0, left over: None
#   opened by 5.2.3: users 2, cleared: users 1, left over: old
#   5.2.3, custom property deleted: users 0
# Needs Python 3.11 and 3.13.
set -euo pipefail
temp=$(mktemp -d)
trap 'rm -rf "$temp"' EXIT
cd "$temp"
cat >show.py <<'PY'
import os
import sys

import bpy

version = bpy.app.version_string.split()[0]
bpy.types.Object.probe = bpy.props.PointerProperty(type=bpy.types.Mesh)
bpy.ops.wm.read_homefile(app_template="", use_empty=True)
if sys.argv[1] == "save":
    target = bpy.data.objects.new("target", None)
    bpy.context.scene.collection.objects.link(target)
    target.probe = bpy.data.meshes.new("old")
    print(f"saved by {version}: users {target.probe.users}", flush=True)
    assert target.probe.users == 1
    bpy.ops.wm.save_as_mainfile(filepath=os.path.abspath("old.blend"))
else:
    bpy.ops.wm.open_mainfile(filepath=os.path.abspath("old.blend"))
    target, old = bpy.data.objects["target"], bpy.data.meshes["old"]
    assert target.probe == old, "the pointer is lost"
    opened = old.users
    target.probe = None
    cleared, left = old.users, target.get("probe")
    print(f"opened by {version}: users {opened}, cleared: users {cleared}, left over: {left and left.name}", flush=True)
    if bpy.app.version < (5, 0, 0):
        assert (opened, cleared, left) == (1, 0, None), "4.x stores it twice"
    else:
        assert (opened, cleared, left) == (2, 1, old), "the pointer is not doubled"
        del target["probe"]
        print(f"{version}, custom property deleted: users {old.users}", flush=True)
        assert old.users == 0 and target.probe is None, "something else uses it"
os._exit(0)  # bpy 4.5 does not always come to an end by itself
PY
install() { # PYTHON BPY NUMPY
    PYENV_VERSION=$1 "python$1" -m venv "venv-$1"
    "venv-$1/bin/pip" install -qq "bpy==$2" "numpy==$3"
}
show() { # PYTHON save|open
    HOME=$temp BLENDER_USER_RESOURCES=$temp "venv-$1/bin/python" show.py "$2" | grep users
}
install 3.11 4.5.15 1.26.4
install 3.13 5.2.3 2.5.5
echo "Blender 5 keeps a second user for each pointer that 4.x has stored:"
show 3.11 save
show 3.11 open
show 3.13 open
