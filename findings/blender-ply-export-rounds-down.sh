#!/usr/bin/env bash
# Version: bpy 5.2.3 (also seen in 4.2.23, 4.5.15 and 5.0.1)
# Behavior: the PLY exporter cuts sRGB colors down to the next byte and does not round. What lies just under a level
#   falls to the one before, and of the 256 levels that are bytes to begin with 170 fall as well, pure white (255 to
#   254) among them, from a BYTE_COLOR attribute as from a FLOAT_COLOR one.
# Output seen:
#   FLOAT_COLOR: 170 of 256 levels one lower, white is 254
#   BYTE_COLOR:  170 of 256 levels one lower, white is 254
#   level 100.9 is written as 100
# Needs Python 3.13.
set -euo pipefail
temp=$(mktemp -d)
trap 'rm -rf "$temp"' EXIT
PYENV_VERSION=3.13 python3.13 -m venv "$temp/venv"
"$temp/venv/bin/pip" install -qq bpy==5.2.3 numpy==2.5.5
cd "$temp"
HOME=$temp BLENDER_USER_RESOURCES=$temp venv/bin/python - <<'PY'
import bpy
import numpy as np

LEVELS = np.arange(256)


def levels_in_file(kind, levels=LEVELS):
    """What grays, 0 to 255, that an attribute of this kind holds become in a PLY file."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    mesh = bpy.data.meshes.new("ramp")
    mesh.from_pydata([(level, 0, 0) for level in levels], [], [])
    gray = np.ones((len(levels), 4), np.float32)
    gray[:, :3] = levels[:, None] / np.float32(255)
    mesh.color_attributes.new("Color", kind, "POINT").data.foreach_set("color_srgb", gray.ravel())
    bpy.context.collection.objects.link(bpy.data.objects.new("ramp", mesh))
    bpy.ops.wm.ply_export(filepath="ramp.ply", export_colors="SRGB", ascii_format=True)
    with open("ramp.ply") as file:
        rows = file.read().split("end_header\n")[1].splitlines()
    return np.array([int(row.split()[3]) for row in rows if row])


found = {kind: levels_in_file(kind) for kind in ("FLOAT_COLOR", "BYTE_COLOR")}
print("bpy", bpy.app.version_string)
print("PLY export cuts colors down instead of rounding:")
for kind, levels in found.items():
    print(f"{kind + ':':12} {np.sum(levels == LEVELS - 1)} of 256 levels one lower, white is {levels[255]}")
    assert np.isin(levels - LEVELS, (0, -1)).all(), "a level is off in another way"
    assert np.sum(levels == LEVELS - 1) == 170, "another number of levels is lower"
    assert levels[255] == 254, "white stays white"
between = levels_in_file("FLOAT_COLOR", LEVELS[:255] + 0.9)
print("level 100.9 is written as", between[100])
assert np.array_equal(between, LEVELS[:255]), "what lies between two levels is written in another way"
PY
