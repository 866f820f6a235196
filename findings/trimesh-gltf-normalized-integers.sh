#!/usr/bin/env bash
# Version: trimesh 5.2.0
# Behavior: integers that a glTF accessor marks as normalized are not divided by their largest value. Of a 16-bit
#   COLOR_0 only the low byte is kept, so a smooth ramp becomes noise; 16-bit positions (KHR_mesh_quantization)
#   make a model 32767 times too large. 8-bit colors are right. Nothing is raised or logged.
# Output seen:
#   16-bit reds, the first number being what the file means in bytes:
#   0 -> 0, 64 -> 0, 100 -> 100, 156 -> 64, 199 -> 0, 255 -> 255
#   size 1.0 in the file -> 32767.0
set -euo pipefail
temp=$(mktemp -d)
trap 'rm -rf "$temp"' EXIT
python3 -m venv "$temp/venv"
"$temp/venv/bin/pip" install -qq trimesh==5.2.0 numpy==2.4.6
"$temp/venv/bin/python" - <<'PY'
import io
import json
import logging
import struct

import numpy as np
import trimesh

logging.basicConfig(level=logging.WARNING)


def glb(positions, colors, extension=None):
    """A valid binary glTF of loose triangles; integers are marked as normalized."""
    views, accessors, binary = [], [], b""
    for array, shape in ((positions, "VEC3"), (colors, "VEC4")):
        rows = np.zeros((len(array), 4), array.dtype)  # rows of four keep each vertex on a multiple of 4 bytes
        rows[:, : array.shape[1]] = array
        stride = rows.strides[0]
        views.append({"buffer": 0, "byteOffset": len(binary), "byteLength": rows.nbytes, "byteStride": stride})
        kind = {"uint8": 5121, "int16": 5122, "uint16": 5123, "float32": 5126}[array.dtype.name]
        accessors.append({"bufferView": len(accessors), "componentType": kind, "count": len(array), "type": shape})
        accessors[-1]["normalized"] = kind != 5126
        binary += rows.tobytes()
    accessors[0] |= {"min": positions.min(0).tolist(), "max": positions.max(0).tolist()}
    tree = {
        "asset": {"version": "2.0"}, "scene": 0, "scenes": [{"nodes": [0]}], "nodes": [{"mesh": 0}],
        "meshes": [{"primitives": [{"attributes": {"POSITION": 0, "COLOR_0": 1}}]}],
        "buffers": [{"byteLength": len(binary)}], "bufferViews": views, "accessors": accessors,
    }
    if extension:
        tree |= {"extensionsUsed": [extension], "extensionsRequired": [extension]}
    text = json.dumps(tree).encode()
    text += b" " * (-len(text) % 4)
    sizes = 28 + len(text) + len(binary), len(text), len(binary)
    head = struct.pack("<4sIII4s", b"glTF", 2, sizes[0], sizes[1], b"JSON")
    return head + text + struct.pack("<I4s", sizes[2], b"BIN\0") + binary


def load(content):
    return trimesh.load_mesh(io.BytesIO(content), file_type="glb", process=False)


print("trimesh", trimesh.__version__)
print("Normalized 16-bit integers of a glTF are not scaled:")
places = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 0, 1], [0, 1, 1]], np.float32)
levels = np.array([0, 0x4000, 100 * 257, 0x9C40, 0xC800, 65535], np.uint16)
meant = np.rint(levels / 65535 * 255).astype(int)
wide = load(glb(places, np.repeat(levels[:, None], 4, axis=1))).visual.vertex_colors[:, 0].astype(int)
narrow = load(glb(places, np.repeat(meant[:, None], 4, axis=1).astype(np.uint8))).visual.vertex_colors[:, 0].astype(int)
print(", ".join(f"{right} -> {got}" for right, got in zip(meant, wide)))
assert np.array_equal(narrow, meant), "8-bit colors are wrong, too"
assert np.array_equal(wide, levels & 255), "16-bit colors are read in another way"

white = np.full((6, 4), 255, np.uint8)
quantized = (places * 32767).astype(np.int16)
size = float(load(glb(quantized, white, "KHR_mesh_quantization")).extents.max())
print("size 1.0 in the file ->", size)
assert float(load(glb(places, white)).extents.max()) == 1.0, "float positions are wrong, too"
assert size == 32767.0, "normalized positions are read in another way"
PY
