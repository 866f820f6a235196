# SPDX-License-Identifier: GPL-3.0-or-later
"""GLB files whose vertex colors trimesh reads as they are: a primitive with colors gets a material if it has none.

Without a material trimesh keeps the low bytes of 16-bit colors; beside one it keeps the numbers of the file.
"""

import json
import struct
from typing import Any

HEADER, CHUNK = struct.Struct("<4sII"), struct.Struct("<I4s")
MAX_TREE_BYTES = 64 * 2**20


def with_materials(content: bytes) -> bytes:
    """Return a GLB in which every primitive with vertex colors has a material.

    Source: glTF 2.0, sections 3.7.2.1 (COLOR_0) and 4.4 (the binary container).

    Raises:
        ValueError: it is no GLB of version 2.
    """
    magic, version, _ = HEADER.unpack_from(content.ljust(HEADER.size, b"\0"))
    length, kind = CHUNK.unpack_from(content.ljust(HEADER.size + CHUNK.size, b"\0"), HEADER.size)
    if (magic, version, kind) != (b"glTF", 2, b"JSON") or length > MAX_TREE_BYTES:
        raise ValueError("it is no GLB file of version 2")
    start = HEADER.size + CHUNK.size
    tree = json.loads(content[start : start + length])
    if not add_materials(tree):
        return content
    text = json.dumps(tree).encode()
    text += b" " * (-len(text) % 4)
    rest = content[start + length :]
    total = start + len(text) + len(rest)
    return HEADER.pack(magic, version, total) + CHUNK.pack(len(text), kind) + text + rest


def add_materials(tree: dict[str, Any]) -> bool:
    """Add a plain material for the primitives that have vertex colors and none; returns False if there are none."""
    primitives = [item for mesh in tree.get("meshes", ()) for item in mesh.get("primitives", ())]
    plain = [item for item in primitives if "COLOR_0" in item.get("attributes", {}) and "material" not in item]
    materials = tree.setdefault("materials", [])
    for item in plain:
        item["material"] = len(materials)
    materials.append({})
    return bool(plain)
