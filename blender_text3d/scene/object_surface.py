# SPDX-License-Identifier: GPL-3.0-or-later
"""One part of the selected objects → triangles in object space with the base colors of its materials."""

from collections.abc import Generator
from typing import Any, NamedTuple, TypeVar

import bpy
import numpy as np

from ..geometry.srgb import srgb_from_linear
from ..geometry.textured_mesh import MAX_TEXTURES, NO_TEXTURE
from .at_once import at_once
from .base_color import BaseColor, base_color
from .evaluated_mesh import ReadMesh, read_mesh
from .object_parts import Part, evaluated_object
from .texture_bytes import is_slow_to_read, texture_bytes
from .triangles import triangles

ROWS_PER_STEP = 2**14
CONVERTED_UV_MAP = "UVMap"
"""The UV map of meshes that Blender makes of curves, surfaces and texts."""


Result = TypeVar("Result")


class Surface(NamedTuple):
    """The triangles of a mesh in object space, with their colors.

    Attributes:
        positions: `(V, 3) float32`.
        faces: `(T, 3) int32`.
        colors: `(T, 3, 3) uint8` sRGB.
        coordinates: `(T, 3, 2) float32`.
        textures: `(T,) int32`.
    """

    positions: np.ndarray
    faces: np.ndarray
    colors: np.ndarray
    coordinates: np.ndarray
    textures: np.ndarray


class Textures:
    """The images of all captured materials, each once, and what was simplified.

    Attributes:
        names: Names of the images, in the order of their indices.
        images: Bytes of files or pixels, see `texture_bytes`.
        missing, simplified: Names of images without pixels, and of materials that show something else, too.
    """

    def __init__(self, *, skips_slow: bool = False) -> None:
        """Start without images; `skips_slow` counts those as simplified that take too long for one step."""
        self.skips_slow = skips_slow
        self.names: list[str] = []
        self.images: list[np.ndarray] = []
        self.missing: dict[str, None] = {}
        self.simplified: dict[str, None] = {}

    def index(self, image: bpy.types.Image, material: str) -> Generator[None, None, int]:
        """Read an image unless that was done, and return its index, or NO_TEXTURE without one; yield between steps."""
        name = image.name_full
        if name in self.names or name in self.missing:
            return self.names.index(name) if name in self.names else NO_TEXTURE
        if len(self.names) == MAX_TEXTURES or (self.skips_slow and is_slow_to_read(image)):
            self.simplified[material] = None
            return NO_TEXTURE
        content = yield from texture_bytes(image)
        if content is None:
            self.missing[name] = None
            return NO_TEXTURE
        self.names.append(name)
        self.images.append(content)
        return len(self.names) - 1


def read_surface(part: Part, textures: Textures) -> Generator[None, None, Surface]:
    """Read the triangles and colors of a part; yield between steps.

    Raises:
        CaptureError: It was changed meanwhile.
    """
    looks = yield from material_looks(part, textures)
    uv_maps = {look.uv_map for look, index in looks if index != NO_TEXTURE}
    colors = {look.attribute for look, _ in looks if look.attribute}
    shown = evaluated_object(part)
    if shown.type == "MESH":
        mesh = yield from read_mesh(lambda: evaluated_object(part).data, uv_maps, colors)
    else:
        mesh = converted(shown, uv_maps, colors)
    yield
    corners, faces = yield from triangles(mesh.starts, mesh.positions, mesh.corner_vertices)
    return (yield from colored(mesh, corners, faces, looks))


def converted(shown: Any, uv_maps: set[str], colors: set[str]) -> ReadMesh:
    """Read a curve, surface, text or metaball, converted to a mesh, at once."""
    data = shown.to_mesh()
    try:
        return at_once(read_mesh(lambda: data, uv_maps, colors))
    finally:
        shown.to_mesh_clear()


def material_looks(part: Part, textures: Textures) -> Generator[None, None, list[tuple[BaseColor, int]]]:
    """Return the base color of each material slot, and the index of its texture; yield between steps.

    Without a material, the active color attribute is shown, if there is one.
    """
    shown = evaluated_object(part)
    looks, names = [], []
    for material in materials_of(shown):
        look = base_color(material) if material else BaseColor(attribute=active_colors(shown))
        if look.attribute and not material:
            look = look._replace(color=(1.0, 1.0, 1.0))
        names.append(material.name if material else "")
        if look.is_simplified:
            textures.simplified[names[-1]] = None
        if look.image is None:
            looks.append((look, NO_TEXTURE))
            continue
        uv_map = look.uv_map or rendered_uv_map(shown)
        original = look.image.original or look.image
        looks.append((look._replace(uv_map=uv_map, image=original), NO_TEXTURE))
    for slot, (look, _) in enumerate(looks):
        if look.image is not None:
            index = yield from textures.index(look.image, names[slot])
            color = look.color if index != NO_TEXTURE else BaseColor().color
            looks[slot] = look._replace(image=None, color=color), index
    return looks


def materials_of(shown: Any) -> list[Any]:
    """Return the material of each slot of an evaluated object, at least one slot."""
    own = [slot.material for slot in shown.material_slots]
    of_data = list(getattr(shown.data, "materials", ()))
    count = max(len(own), len(of_data), 1)
    own, of_data = own + [None] * (count - len(own)), of_data + [None] * (count - len(of_data))
    return [first or second for first, second in zip(own, of_data, strict=True)]


def active_colors(shown: Any) -> str:
    """Return the name of the active color attribute, or ""."""
    attributes = getattr(shown.data, "color_attributes", None)
    return str(attributes.active_color_name or "") if attributes else ""


def rendered_uv_map(shown: Any) -> str:
    """Return the name of the UV map that is rendered, or ""; converted curves have one of a fixed name."""
    maps = getattr(shown.data, "uv_layers", None)
    if maps is None:
        return CONVERTED_UV_MAP
    return next((item.name for item in maps if item.active_render), "")


def colored(
    mesh: ReadMesh, corners: np.ndarray, faces: np.ndarray, looks: list[tuple[BaseColor, int]]
) -> Generator[None, None, Surface]:
    """Give triangles `(T, 3) int32` of faces `(T,) int32` the colors of their slots; yield between steps."""
    factors = srgb_from_linear(np.array([look.color for look, _ in looks], np.float32).clip(0, 1))
    count = len(faces)
    vertices, colors = np.zeros((count, 3), np.int32), np.zeros((count, 3, 3), np.uint8)
    coordinates = np.zeros((count if any(index != NO_TEXTURE for _, index in looks) else 0, 3, 2), np.float32)
    textures = np.full(count, NO_TEXTURE, np.int32)
    for rows in chunks(count):
        vertices[rows] = mesh.corner_vertices[corners[rows]]
        slots = slots_of(mesh, faces[rows], len(looks))
        shares = np.repeat(factors[slots][:, None], 3, axis=1).astype(np.float32)
        for slot, (look, index) in enumerate(looks):
            used = np.flatnonzero(slots == slot)
            if look.attribute in mesh.colors:
                shares[used] *= mesh.colors[look.attribute][corners[rows][used]]
            if index != NO_TEXTURE and look.uv_map in mesh.uv_maps:
                textures[rows.start + used] = index
                coordinates[rows.start + used] = transformed(mesh.uv_maps[look.uv_map][corners[rows][used]], look)
        colors[rows] = (shares.clip(0, 1) * 255).round()
        yield
    return Surface(mesh.positions, vertices, colors, coordinates, textures)


def slots_of(mesh: ReadMesh, faces: np.ndarray, count: int) -> np.ndarray:
    """Return the material slots of faces `(T,) int32`, of so many."""
    slots: np.ndarray = mesh.materials[faces].clip(0, count - 1) if len(mesh.materials) else np.zeros_like(faces)
    return slots


def transformed(coordinates: np.ndarray, look: BaseColor) -> np.ndarray:
    """Return UV coordinates `(Q, 3, 2) float32` as places in the image."""
    matrix = np.array(look.uv_transform, np.float32).reshape(2, 3)
    placed: np.ndarray = coordinates @ matrix[:, :2].T + matrix[:, 2]
    return placed


def chunks(count: int) -> list[slice]:
    """Return slices of a few milliseconds of work that cover so many rows."""
    return [slice(begin, min(begin + ROWS_PER_STEP, count)) for begin in range(0, count, ROWS_PER_STEP)]
