#!/usr/bin/env bash
# Version: bpy 5.0.1 (also seen in 4.2.23 and 4.5.15) and bpy 5.2.3
# Behavior: a custom property takes a numpy array and a float64, but no other numpy scalar. Up to 5.0 the assignment
#   itself raises nothing: an empty group replaces the old value, and one of the next statements, which has nothing to
#   do with it, raises TypeError, SystemError or MemoryError. 5.2 raises TypeError at once and keeps the old value.
# Output seen (a property that was 7 is set):
#   5.0.1: float32, int32, int64: SystemError late, bool: MemoryError late; value now IDPropertyGroup
#   5.2.3: float32, int32, int64, bool: TypeError at once, value now int
# Needs Python 3.11 and 3.13.
set -euo pipefail
temp=$(mktemp -d)
trap 'rm -rf "$temp"' EXIT
cd "$temp"
cat >show.py <<'PY'
import bpy
import numpy as np


def assign(value):
    """What happens as a property that was 7 is set, and of what type it is then."""
    target["value"] = 7
    reached = "at once"
    try:
        target["value"] = value
        reached = "late"
        len("another statement")
        bpy.data.objects.get("yet another")
        outcome = "stored"
    except (TypeError, SystemError, MemoryError) as error:
        outcome = f"{type(error).__name__} {reached}"
    return outcome, type(target["value"]).__name__


bpy.ops.wm.read_factory_settings(use_empty=True)
target = bpy.data.objects.new("target", None)
print("bpy", bpy.app.version_string, "numpy", np.__version__)
print("Custom properties refuse most numpy scalars:")
assert assign(np.float64(1.5)) == ("stored", "float"), "float64 is not stored"
assert assign(np.ones(2, np.float32)) == ("stored", "IDPropertyArray"), "an array is not stored"
for scalar in (np.float32(1.5), np.int32(3), np.int64(3), np.bool_(True)):
    outcome, kind = assign(scalar)
    print(f"{type(scalar).__name__}: {outcome}, value now {kind}")
    if bpy.app.version < (5, 1, 0):
        assert outcome.endswith(" late") and kind == "IDPropertyGroup", "another outcome"
    else:
        assert outcome == "TypeError at once" and kind == "int", "another outcome"
    assert assign(scalar.item())[0] == "stored", "the Python number is refused, too"
PY
show() { # PYTHON BPY NUMPY
    PYENV_VERSION=$1 "python$1" -m venv "venv-$1"
    "venv-$1/bin/pip" install -qq "bpy==$2" "numpy==$3"
    HOME=$temp BLENDER_USER_RESOURCES=$temp "venv-$1/bin/python" show.py
}
show 3.11 5.0.1 1.26.4
show 3.13 5.2.3 2.5.5
