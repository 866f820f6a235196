#!/usr/bin/env bash
# Version: bpy 5.2.3 (also seen in 4.2.23, 4.5.15 and 5.0.1)
# Behavior: the pixels of a preview are premultiplied with their alpha. Of a half transparent orange, which a PNG file
#   and Image.pixels hold as it is, image_pixels_float of bpy.utils.previews holds half of it. A script that fills a
#   preview with the pixels of an image, or reads them from one, has to convert them.
# Output seen:
#   the file and Image.pixels: [1.0, 0.5, 0.0, 0.5]
#   the preview: [0.5, 0.25, 0.0, 0.5]
#   opaque in the file and in the preview: [1.0, 0.5, 0.0, 1.0]
# Needs Python 3.13.
set -euo pipefail
temp=$(mktemp -d)
trap 'rm -rf "$temp"' EXIT
PYENV_VERSION=3.13 python3.13 -m venv "$temp/venv"
"$temp/venv/bin/pip" install -qq bpy==5.2.3 numpy==2.5.5
cd "$temp"
unset XDG_CACHE_HOME
HOME=$temp BLENDER_USER_RESOURCES=$temp venv/bin/python - <<'PY'
import struct
import zlib
from pathlib import Path

import bpy
import bpy.utils.previews

SIDE = 64


def chunk(kind, content):
    """A part of a PNG file."""
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def write(name, color):
    """A PNG file in one color; PNG knows straight alpha only."""
    rows = (b"\0" + bytes(color) * SIDE) * SIDE
    path = Path(name).absolute()
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", SIDE, SIDE, 8, 6, 0, 0, 0))
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )
    return str(path)


def first_pixel(values):
    return [round(value * 255) for value in values[:4]]


def shown(color):
    return [round(value / 255, 2) for value in color]


bpy.ops.wm.read_factory_settings(use_empty=True)
previews = bpy.utils.previews.new()
seen = {}
for name, color in (("half", (255, 128, 0, 128)), ("opaque", (255, 128, 0, 255))):
    path = write(f"{name}.png", color)
    image = bpy.data.images.load(path)
    assert image.alpha_mode == "STRAIGHT" and first_pixel(image.pixels) == list(color), "the image is another one"
    seen[name] = list(color), first_pixel(previews.load(name, path, "IMAGE").image_pixels_float)

print("bpy", bpy.app.version_string)
print("The pixels of a preview are premultiplied with their alpha:")
print("the file and Image.pixels:", shown(seen["half"][0]))
print("the preview:", shown(seen["half"][1]))
print("opaque in the file and in the preview:", shown(seen["opaque"][1]))
expected = {"opaque": (255, 128, 0, 255), "half": (128, 64, 0, 128)}
for name, color in expected.items():
    worst = max(abs(a - b) for a, b in zip(seen[name][1], color))
    assert worst <= 1, f"the {name} pixels of the preview are not premultiplied"
PY
