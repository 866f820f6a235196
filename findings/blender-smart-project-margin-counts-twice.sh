#!/usr/bin/env bash
# Version: bpy 5.2.3 (also seen in 4.2.23, 4.5.15 and 5.0.1)
# Behavior: the island margin of Smart UV Project by FRACTION, "the fraction of the UV space", lies around each island: two
#   islands are twice as far apart as the number says, while the edge of the texture is one margin away. Who wants a gap
#   of 4 pixels in a texture of 512 passes 2 / 512; 4 / 512 wastes space.
# Output seen:
#   margin 4 pixels of 512: islands are 8.00 pixels apart, 4.00 from the edge
#   margin 16 pixels of 512: islands are 32.00 pixels apart, 16.00 from the edge
# Needs Python 3.13.
set -euo pipefail
temp=$(mktemp -d)
trap 'rm -rf "$temp"' EXIT
PYENV_VERSION=3.13 python3.13 -m venv "$temp/venv"
"$temp/venv/bin/pip" install -qq bpy==5.2.3 numpy==2.5.5
cd "$temp"
HOME=$temp BLENDER_USER_RESOURCES=$temp venv/bin/python - <<'PY'
import math

import bpy
import numpy as np

SIDE = 512
CORNERS = [(0, 0, 0), (1, 0, 0), (1, 1, 0), (0, 1, 0), (0, 0, 1), (0, 1, 1)]
SQUARES = [(0, 1, 2, 3), (0, 3, 5, 4)]


def gaps_px(margin_px):
    """The pixels between the islands of two squares at a right angle, and those to the edge of the texture."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    data = bpy.data.meshes.new("folded")
    data.from_pydata(CORNERS, [], SQUARES)
    target = bpy.data.objects.new("folded", data)
    bpy.context.scene.collection.objects.link(target)
    bpy.context.view_layer.objects.active = target
    bpy.ops.object.mode_set(mode="EDIT")
    bpy.ops.mesh.select_all(action="SELECT")
    bpy.ops.uv.smart_project(
        angle_limit=math.radians(66), island_margin=margin_px / SIDE, margin_method="FRACTION"
    )
    bpy.ops.object.mode_set(mode="OBJECT")
    uvs = np.empty(16, np.float32)
    data.uv_layers.active.uv.foreach_get("vector", uvs)
    first, second = SIDE * uvs.reshape(2, 4, 2)
    between = np.maximum(first.min(axis=0) - second.max(axis=0), second.min(axis=0) - first.max(axis=0)).max()
    return float(between), float(min(first.min(), second.min()))


print("bpy", bpy.app.version_string)
print("The margin of Smart UV Project lies around each island, so that it counts twice between two:")
for margin_px in (4, 16):
    between, edge = gaps_px(margin_px)
    print(f"margin {margin_px} pixels of {SIDE}: islands are {between:.2f} pixels apart, {edge:.2f} from the edge")
    assert abs(between - 2 * margin_px) < 0.1, "another gap"
    assert abs(edge - margin_px) < 0.1, "another distance to the edge"
PY
