#!/usr/bin/env bash
# Version: bpy 5.2.3 (also seen in 4.2.23, 4.5.15 and 5.0.1)
# Behavior: a whole number outside 32 bits in a glTF's extras comes in as text, and goes out as text when the file is
#   exported again. A list or an object that holds one becomes one text as a whole, in Python's notation (single
#   quotes), which is no JSON. A null is dropped on the way out. Nothing is raised.
# Output seen:
#   in the file:   {'seed': 2147483648, 'small': 7, 'recipe': {'seed': 1099511627776, 'steps': 20}, 'none': None}
#   exported anew: {'seed': '2147483648', 'small': 7, 'recipe': "{'seed': 1099511627776, 'steps': 20}"}
# Needs Python 3.13.
set -euo pipefail
temp=$(mktemp -d)
trap 'rm -rf "$temp"' EXIT
PYENV_VERSION=3.13 python3.13 -m venv "$temp/venv"
"$temp/venv/bin/pip" install -qq bpy==5.2.3 numpy==2.5.5
cd "$temp"
HOME=$temp BLENDER_USER_RESOURCES=$temp venv/bin/python - <<'PY'
import json
from pathlib import Path

import bpy

EXTRAS = {"seed": 2**31, "small": 7, "recipe": {"seed": 2**40, "steps": 20}, "none": None}

Path("x.gltf").write_text(json.dumps({
    "asset": {"version": "2.0"}, "scene": 0, "scenes": [{"nodes": [0]}], "nodes": [{"name": "node", "extras": EXTRAS}]
}))
bpy.ops.wm.read_factory_settings(use_empty=True)
bpy.ops.import_scene.gltf(filepath="x.gltf")
held = dict(bpy.data.objects["node"].items())
bpy.ops.export_scene.gltf(filepath="y.gltf", export_format="GLTF_SEPARATE", export_extras=True)
exported = json.loads(Path("y.gltf").read_text())["nodes"][0]["extras"]

print("bpy", bpy.app.version_string)
print("Large whole numbers in glTF extras become text:")
print("in the file:  ", EXTRAS)
print("in Blender:   ", held)
print("exported anew:", exported)
assert held["seed"] == "2147483648" and held["small"] == 7, "the numbers come in in another way"
assert held["recipe"] == "{'seed': 1099511627776, 'steps': 20}", "the object comes in in another way"
assert exported == {name: held[name] for name in ("seed", "small", "recipe")}, "they go out in another way"
PY
