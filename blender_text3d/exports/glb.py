# SPDX-License-Identifier: GPL-3.0-or-later
"""Binary glTF: Y up, meters, linear colors per vertex.

Source: glTF 2.0 specification, sections 3.6 to 3.9 and 4.
"""

import json
import struct
from typing import Any

import numpy as np

from ..geometry import Mesh
from ..geometry.srgb import linear_from_srgb
from .item import GENERATOR, Y_UP_FROM_Z_UP, ExportItem

POINTS, TRIANGLES = 0, 4
ARRAY_BUFFER, ELEMENT_ARRAY_BUFFER = 34962, 34963
COMPONENT_TYPES = {np.dtype(np.float32): 5126, np.dtype(np.uint16): 5123, np.dtype(np.uint32): 5125}
MAX_SHORT_INDICES = 2**16 - 1
"""Largest number of vertices with indices of 16 bits: the largest index is reserved."""
MATTE = {"pbrMetallicRoughness": {"metallicFactor": 0.0, "roughnessFactor": 0.8}, "doubleSided": True}
"""The default material of glTF is a metal."""


def glb_bytes(*items: ExportItem) -> bytes:
    """Return meshes and point clouds as the content of a .glb file; node, mesh and material have the item's name."""
    buffer = _Buffer()
    primitives = [_primitive(item, index, buffer) for index, item in enumerate(items)]
    tree = {
        "asset": {"version": "2.0", "generator": GENERATOR},
        "scene": 0,
        "scenes": [{"name": items[0].name, "nodes": list(range(len(items)))}],
        "nodes": [_node(item, index) for index, item in enumerate(items)],
        "meshes": [
            {"name": item.name, "primitives": [primitive]} for item, primitive in zip(items, primitives, strict=True)
        ],
        "materials": [{"name": item.name, **MATTE} for item in items],
        "accessors": buffer.accessors,
        "bufferViews": buffer.views,
        "buffers": [{"byteLength": len(buffer.content)}],
    }
    return binary_gltf(tree, bytes(buffer.content))


def binary_gltf(tree: dict[str, Any], content: bytes) -> bytes:
    """Return JSON and binary chunk, whose length is a multiple of 4, as the content of a .glb file."""
    text = json.dumps(tree, ensure_ascii=False, separators=(",", ":")).encode()
    chunks = ((b"JSON", text + b" " * (-len(text) % 4)), (b"BIN\0", content))
    body = b"".join(struct.pack("<I4s", len(content), kind) + content for kind, content in chunks)
    return struct.pack("<4sII", b"glTF", 2, 12 + len(body)) + body


def _node(item: ExportItem, mesh: int) -> dict[str, Any]:
    extras = item.extras()
    return {"name": item.name, "mesh": mesh} | ({"extras": extras} if extras else {})


def _primitive(item: ExportItem, material: int, buffer: "_Buffer") -> dict[str, Any]:
    points = item.points @ Y_UP_FROM_Z_UP.T
    low, high = points.min(axis=0).tolist(), points.max(axis=0).tolist()
    attributes = {"POSITION": buffer.add(points, ARRAY_BUFFER, min=low, max=high)}
    colors = linear_from_srgb(item.geometry.colors.clip(0, 1)).astype(np.float32)
    if not isinstance(item.geometry, Mesh):
        attributes["COLOR_0"] = buffer.add(colors, ARRAY_BUFFER)
        if item.radii is not None:
            attributes["_RADIUS"] = buffer.add(item.radii.reshape(-1, 1), ARRAY_BUFFER)
        return {"attributes": attributes, "mode": POINTS, "material": material}
    normals = item.normals()
    assert normals is not None
    attributes["NORMAL"] = buffer.add(normals @ Y_UP_FROM_Z_UP.T, ARRAY_BUFFER)
    attributes["COLOR_0"] = buffer.add(colors, ARRAY_BUFFER)
    dtype = np.uint16 if len(points) <= MAX_SHORT_INDICES else np.uint32
    indices = buffer.add(item.geometry.faces.astype(dtype).reshape(-1, 1), ELEMENT_ARRAY_BUFFER)
    return {"attributes": attributes, "indices": indices, "mode": TRIANGLES, "material": material}


class _Buffer:
    """The binary chunk, with a view and an accessor for each array."""

    def __init__(self) -> None:
        self.content = bytearray()
        self.views: list[dict[str, Any]] = []
        self.accessors: list[dict[str, Any]] = []

    def add(self, values: np.ndarray, target: int, **bounds: list[float]) -> int:
        """Append an array; returns the index of its accessor."""
        data = np.ascontiguousarray(values).tobytes()
        view = {"buffer": 0, "byteOffset": len(self.content), "byteLength": len(data), "target": target}
        kind = "SCALAR" if values.shape[1] == 1 else "VEC3"
        component = COMPONENT_TYPES[values.dtype]
        accessor = {"bufferView": len(self.views), "componentType": component, "count": len(values), "type": kind}
        self.content += data + bytes(-len(data) % 4)
        self.views.append(view)
        self.accessors.append(accessor | bounds)
        return len(self.accessors) - 1
