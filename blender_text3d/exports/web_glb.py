# SPDX-License-Identifier: GPL-3.0-or-later
"""Small binary glTF for the web: 16-bit positions and colors, 8-bit normals, textures inside, each vertex once.

Source: glTF 2.0 specification, section 3.7.2; KHR_mesh_quantization.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from ..geometry.normals import unit_normals
from ..geometry.shown_surface import ShownSurface
from ..geometry.srgb import linear_from_srgb
from ..geometry.textured_mesh import NO_TEXTURE
from .glb import ARRAY_BUFFER, ELEMENT_ARRAY_BUFFER, MAX_SHORT_INDICES, TRIANGLES, binary_gltf
from .item import GENERATOR, Y_UP_FROM_Z_UP, extras_of

BYTE, UNSIGNED_SHORT, UNSIGNED_INT, FLOAT = 5120, 5123, 5125, 5126
COMPONENTS = {np.dtype(np.int8): BYTE, np.dtype(np.uint16): UNSIGNED_SHORT, np.dtype(np.uint32): UNSIGNED_INT,
              np.dtype(np.float32): FLOAT}  # fmt: skip
KINDS = {1: "SCALAR", 2: "VEC2", 3: "VEC3"}
STEPS = 2**16 - 1
QUANTIZATION = "KHR_mesh_quantization"


class WebItem(NamedTuple):
    """One object of the file.

    Attributes:
        surface: In meters.
        recipe: Settings to generate it again, or empty.
    """

    surface: ShownSurface
    recipe: dict[str, Any]


def web_glb_bytes(items: Sequence[WebItem], images: Sequence[tuple[bytes, str]], *, is_quantized: bool = True) -> bytes:
    """Return objects as the content of a .glb file.

    Args:
        items: The objects, whose origins are at their locations.
        images: Content and media type of each texture.
        is_quantized: Store positions in 16 and normals in 8 bits, which readers of plain glTF 2.0 may not know.
    """
    file = _File(images, is_quantized=is_quantized)
    nodes = [file.node(item) for item in items]
    return file.content(items[0].surface.name, nodes)


class _File:
    """The parts of the file; the place of an array in the binary chunk is only known when it is appended."""

    def __init__(self, images: Sequence[tuple[bytes, str]], *, is_quantized: bool) -> None:
        self.is_quantized = is_quantized
        self.binary = bytearray()
        self.views: list[dict[str, Any]] = []
        self.accessors: list[dict[str, Any]] = []
        self.materials: dict[tuple[Any, ...], dict[str, Any]] = {}
        self.meshes: list[dict[str, Any]] = []
        self.images = [{"bufferView": self.view(content), "mimeType": kind} for content, kind in images]

    def view(self, content: bytes, **options: int) -> int:
        """Append bytes; returns the index of their buffer view."""
        self.views.append({"buffer": 0, "byteOffset": len(self.binary), "byteLength": len(content)} | options)
        self.binary += content + bytes(-len(content) % 4)
        return len(self.views) - 1

    def array(self, values: np.ndarray, *, is_index: bool = False, **options: Any) -> int:
        """Append an array `(N, columns)`, whose rows start at multiples of 4 bytes; returns its accessor."""
        count, columns = values.shape
        width = values.itemsize * columns
        stride = width if is_index else -(-width // 4) * 4
        rows = np.zeros((count, stride), np.uint8)
        rows[:, :width] = np.ascontiguousarray(values).view(np.uint8).reshape(count, width)
        view_options = {"target": ELEMENT_ARRAY_BUFFER} if is_index else {"target": ARRAY_BUFFER}
        if stride != width:
            view_options["byteStride"] = stride
        accessor = {"bufferView": self.view(rows.tobytes(), **view_options), "componentType": COMPONENTS[values.dtype]}
        self.accessors.append(accessor | {"count": count, "type": KINDS[columns]} | options)
        return len(self.accessors) - 1

    def material(self, surface: ShownSurface, slot: int, texture: int) -> int:
        """Return the index of the material of a slot with a texture, which is added if it is new."""
        name, metallic, roughness = surface.finishes[slot]
        key = (name or surface.name, metallic, roughness, texture)
        looks: dict[str, Any] = {"metallicFactor": round(metallic, 4), "roughnessFactor": round(roughness, 4)}
        if texture != NO_TEXTURE:
            looks["baseColorTexture"] = {"index": texture}
        self.materials.setdefault(key, {"name": key[0], "pbrMetallicRoughness": looks, "doubleSided": True})
        return list(self.materials).index(key)

    def node(self, item: WebItem) -> dict[str, Any]:
        """Add a mesh; returns its node, whose scale turns 16-bit positions into meters."""
        surface = item.surface
        points, place = surface.positions @ Y_UP_FROM_Z_UP.T, Y_UP_FROM_Z_UP @ surface.location
        node: dict[str, Any] = {"name": surface.name, "mesh": len(self.meshes)}
        if self.is_quantized:
            low = points.min(axis=0)
            step = float(np.ptp(points, axis=0).max()) / STEPS or 1.0
            points = np.rint((points - low) / np.float32(step)).clip(0, STEPS).astype(np.uint16)
            place = place + low
            node["scale"] = [step] * 3
        if place.any():
            node["translation"] = place.tolist()
        self.meshes.append({"name": surface.name, "primitives": self.primitives(surface, points)})
        extras = extras_of(item.recipe)
        return node | ({"extras": extras} if extras else {})

    def primitives(self, surface: ShownSurface, grid: np.ndarray) -> list[dict[str, Any]]:
        """Return one primitive for each material slot and texture."""
        keys = np.stack([surface.slots, surface.textures], axis=1)
        made = []
        for slot, texture in np.unique(keys, axis=0).tolist():
            chosen = np.flatnonzero((surface.slots == slot) & (surface.textures == texture))
            attributes, indices = self.attributes(surface, grid, chosen, is_textured=texture != NO_TEXTURE)
            made.append({"attributes": attributes, "indices": indices, "mode": TRIANGLES,
                         "material": self.material(surface, slot, texture)})  # fmt: skip
        return made

    def attributes(
        self, surface: ShownSurface, grid: np.ndarray, chosen: np.ndarray, *, is_textured: bool
    ) -> tuple[dict[str, int], int]:
        """Add the vertices and indices of triangles; vertices that are the same are stored once."""
        positions = grid[surface.faces[chosen]].reshape(-1, 3)
        normals = (unit_normals(surface.normals[chosen].reshape(-1, 3)) @ Y_UP_FROM_Z_UP.T).astype(np.float32)
        if self.is_quantized:
            normals = np.rint(normals * 127).astype(np.int8)
        colors = surface.colors[chosen].reshape(-1, 3)
        coordinates = surface.coordinates[chosen].reshape(-1, 2) if is_textured else np.zeros((len(positions), 0))
        coordinates = coordinates.astype(np.float32)
        records = np.concatenate([_bytes(values) for values in (positions, normals, colors, coordinates)], axis=1)
        first, indices = _unique_rows(records)
        places = positions[first]
        attributes = {"POSITION": self.array(places, min=places.min(axis=0).tolist(), max=places.max(axis=0).tolist())}
        attributes["NORMAL"] = self.array(normals[first], **({"normalized": True} if self.is_quantized else {}))
        if (colors != 255).any():
            light = np.rint(linear_from_srgb(colors[first] / np.float32(255)) * STEPS).astype(np.uint16)
            attributes["COLOR_0"] = self.array(light, normalized=True)
        if is_textured:
            attributes["TEXCOORD_0"] = self.array(_downward(coordinates[first]))
        kind = np.uint16 if len(first) <= MAX_SHORT_INDICES else np.uint32
        return attributes, self.array(indices.astype(kind).reshape(-1, 1), is_index=True)

    def content(self, name: str, nodes: list[dict[str, Any]]) -> bytes:
        """Return the file."""
        tree: dict[str, Any] = {
            "asset": {"version": "2.0", "generator": GENERATOR},
            "scene": 0,
            "scenes": [{"name": name, "nodes": list(range(len(nodes)))}],
            "nodes": nodes,
            "meshes": self.meshes,
            "materials": list(self.materials.values()),
            "accessors": self.accessors,
            "bufferViews": self.views,
            "buffers": [{"byteLength": len(self.binary)}],
        }
        if self.is_quantized:
            tree |= {"extensionsUsed": [QUANTIZATION], "extensionsRequired": [QUANTIZATION]}
        if self.images:
            tree |= {"images": self.images, "textures": [{"source": n} for n in range(len(self.images))]}
        return binary_gltf(tree, bytes(self.binary))


def _downward(coordinates: np.ndarray) -> np.ndarray:
    """Return texture coordinates `(N, 2) float32` from the top of the image, as glTF has them."""
    return np.stack([coordinates[:, 0], 1 - coordinates[:, 1]], axis=1)


def _bytes(values: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(values).view(np.uint8).reshape(len(values), -1)


def _unique_rows(records: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the first row of each kind in their order, and the index of each row's kind."""
    rows = np.ascontiguousarray(records).view(np.dtype((np.void, records.shape[1]))).reshape(-1)
    _, first, inverse = np.unique(rows, return_index=True, return_inverse=True)
    order = np.argsort(first)
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    return first[order], rank[inverse.reshape(-1)]
