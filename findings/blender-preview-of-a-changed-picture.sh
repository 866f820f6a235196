#!/usr/bin/env bash
# Version: bpy 5.2.3 (also seen in 4.2.23, 4.5.15 and 5.0.1), on Linux
# Behavior: bpy.utils.previews keeps what it loads in the desktop's folder of thumbnails and knows a picture there by
#   its path and the whole second of its time. A picture that is written twice within a second shows its first content,
#   in new collections and under new names as well, and goes on to do so until the second changes.
# Output seen:
#   red picture: [1.0, 0.0, 0.0]
#   green half a second later: [1.0, 0.0, 0.0]
#   green a second later: [0.0, 1.0, 0.0]
# Needs Python 3.13.
set -euo pipefail
temp=$(mktemp -d)
trap 'rm -rf "$temp"' EXIT
PYENV_VERSION=3.13 python3.13 -m venv "$temp/venv"
"$temp/venv/bin/pip" install -qq bpy==5.2.3 numpy==2.5.5
cd "$temp"
unset XDG_CACHE_HOME
HOME=$temp BLENDER_USER_RESOURCES=$temp venv/bin/python - <<'PY'
import os
from pathlib import Path

import bpy
import bpy.utils.previews

SECOND_NS = 10**9
START_NS = 1_700_000_000 * SECOND_NS


def write(color, time_ns):
    """The picture in one color, as if it were written at this time."""
    image = bpy.data.images.new("picture", 32, 32)
    image.pixels.foreach_set([*color, 1.0] * (32 * 32))
    image.filepath_raw, image.file_format = str(Path("picture.png").absolute()), "PNG"
    image.save()
    os.utime("picture.png", ns=(time_ns, time_ns))


def look(name):
    """What a new collection shows of it."""
    previews = bpy.utils.previews.new()
    loaded = previews.load(name, str(Path("picture.png").absolute()), "IMAGE")
    pixel = [round(value, 1) for value in loaded.image_pixels_float[:3]]
    bpy.utils.previews.remove(previews)
    return pixel


bpy.ops.wm.read_factory_settings(use_empty=True)
write((1.0, 0.0, 0.0), START_NS)
first = look("first")
write((0.0, 1.0, 0.0), START_NS + SECOND_NS // 2)
same_second = look("second")
os.utime("picture.png", ns=(START_NS + SECOND_NS, START_NS + SECOND_NS))
next_second = look("third")

print("bpy", bpy.app.version_string)
print("The preview of a picture that changes within a second is the old one:")
print("red picture:", first)
print("green half a second later:", same_second)
print("green a second later:", next_second)
assert first == [1.0, 0.0, 0.0] and next_second == [0.0, 1.0, 0.0], "previews are wrong in another way"
assert same_second == first, "the changed picture is shown"
PY
