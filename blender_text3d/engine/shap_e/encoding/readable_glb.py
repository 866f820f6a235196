# SPDX-License-Identifier: GPL-3.0-or-later
"""GLB files as trimesh reads them correctly.

Without a material trimesh keeps the low bytes of 16-bit vertex colors; beside one it keeps the numbers of the file. It
does not divide integers that are marked as normalized, and decompresses no geometry.
"""

import json
import struct
from typing import Any

import numpy as np

HEADER, CHUNK = struct.Struct("<4sII"), struct.Struct("<I4s")
MAX_TREE_BYTES = 64 * 2**20
COMPRESSIONS = ("KHR_draco_mesh_compression", "EXT_meshopt_compression")
INTEGERS = {5120: ("<i1", 127), 5121: ("<u1", 255), 5122: ("<i2", 32767), 5123: ("<u2", 65535)}
"""Type and largest number of integers by glTF's number of the type."""
FLOAT = 5126
COMPONENTS = {"VEC2": 2, "VEC3": 3}
PLACES = ("POSITION", "TEXCOORD_")
"""Beginnings of the names of attributes whose integers are divided; colors are divided later."""


def readable_glb(content: bytes) -> bytes:
    """Return a GLB with a material for each primitive with vertex colors, and floating-point places.

    Source: glTF 2.0, sections 3.6.2.2 (normalized integers), 3.7.2.1 (COLOR_0) and 4.4 (the binary container);
    KHR_mesh_quantization.

    Raises:
        ValueError: it is no GLB of version 2, or its geometry is compressed.
        IndexError, KeyError, TypeError: it is damaged.
    """
    tree, binary = chunks_of(content)
    compression = next((name for name in COMPRESSIONS if name in tree.get("extensionsRequired", ())), "")
    if compression:
        raise ValueError(f"its geometry is compressed by {compression}; export it without compression")
    added = float_places(tree, binary)
    if not add_materials(tree) and not added:
        return content
    return joined(tree, binary + added)


def chunks_of(content: bytes) -> tuple[dict[str, Any], bytes]:
    """Return the tree and the binary chunk, b"" if there is none.

    Raises:
        ValueError: it is no GLB of version 2.
    """
    magic, version, _ = HEADER.unpack_from(content.ljust(HEADER.size, b"\0"))
    length, kind = CHUNK.unpack_from(content.ljust(HEADER.size + CHUNK.size, b"\0"), HEADER.size)
    if (magic, version, kind) != (b"glTF", 2, b"JSON") or length > MAX_TREE_BYTES:
        raise ValueError("it is no GLB file of version 2")
    start = HEADER.size + CHUNK.size
    tree = json.loads(content[start : start + length])
    rest = content[start + length :]
    if len(rest) < CHUNK.size:
        return tree, b""
    size, _ = CHUNK.unpack_from(rest)
    return tree, rest[CHUNK.size : CHUNK.size + size]


def joined(tree: dict[str, Any], binary: bytes) -> bytes:
    """Return the GLB of a tree and a binary chunk."""
    if tree.get("buffers"):
        tree["buffers"][0]["byteLength"] = len(binary)
    text = json.dumps(tree).encode()
    text += b" " * (-len(text) % 4)
    binary += b"\0" * (-len(binary) % 4)
    chunks = CHUNK.pack(len(text), b"JSON") + text + CHUNK.pack(len(binary), b"BIN\0") + binary
    return HEADER.pack(b"glTF", 2, HEADER.size + len(chunks)) + chunks


def add_materials(tree: dict[str, Any]) -> bool:
    """Add a plain material for the primitives that have vertex colors and none; returns False if there are none."""
    plain = [item for item in primitives_of(tree) if "COLOR_0" in item.get("attributes", {}) and "material" not in item]
    if not plain:
        return False
    materials = tree.setdefault("materials", [])
    for item in plain:
        item["material"] = len(materials)
    materials.append({})
    return True


def float_places(tree: dict[str, Any], binary: bytes) -> bytes:
    """Turn normalized integers of positions and texture coordinates into float32.

    Returns:
        The bytes to append to the binary chunk, to which the tree already refers; b"" if there are no such integers.
    """
    used = {
        index
        for item in primitives_of(tree)
        for name, index in item.get("attributes", {}).items()
        if name.startswith(PLACES)
    }
    added = b"\0" * (-len(binary) % 4)
    start = len(added)
    for index in sorted(used):
        accessor = tree["accessors"][index]
        if not accessor.get("normalized") or accessor["componentType"] not in INTEGERS or "sparse" in accessor:
            continue
        values = divided(accessor, tree["bufferViews"][accessor["bufferView"]], binary)
        view = {"buffer": 0, "byteOffset": len(binary) + len(added), "byteLength": values.nbytes}
        tree["bufferViews"].append(view)
        accessor |= {"bufferView": len(tree["bufferViews"]) - 1, "byteOffset": 0, "componentType": FLOAT}
        for name in ("normalized", "min", "max"):
            accessor.pop(name, None)
        added += values.tobytes()
    return added if len(added) > start else b""


def divided(accessor: dict[str, Any], view: dict[str, Any], binary: bytes) -> np.ndarray:
    """Return the values (N, C) float32 of an accessor with normalized integers."""
    name, largest = INTEGERS[accessor["componentType"]]
    dtype, columns = np.dtype(name), COMPONENTS[accessor["type"]]
    start = view.get("byteOffset", 0) + accessor.get("byteOffset", 0)
    row_bytes = columns * dtype.itemsize
    stride = view.get("byteStride", row_bytes)
    count = accessor["count"]
    if start < 0 or count < 1 or stride < row_bytes or start + stride * (count - 1) + row_bytes > len(binary):
        raise ValueError("its buffers are too short")
    rows: np.ndarray = np.ndarray((count, columns), dtype, binary, start, (stride, dtype.itemsize))
    shares: np.ndarray = np.maximum(rows.astype(np.float32) / np.float32(largest), np.float32(-1))
    return shares


def primitives_of(tree: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the primitives of all meshes."""
    return [item for mesh in tree.get("meshes", ()) for item in mesh.get("primitives", ())]
