# SPDX-License-Identifier: GPL-3.0-or-later
"""The triangles that objects show, with modifiers and instances, normals, colors and textures, for our own writers."""

from collections.abc import Sequence
from typing import Any

import bpy
import numpy as np

from ..geometry.shown_surface import Finish, ShownSurface
from ..geometry.textured_mesh import sampled
from .at_once import at_once
from .evaluated_mesh import CaptureError, read_mesh
from .object_parts import Part, evaluated_object, listed_parts, view_layer_objects
from .object_surface import Textures, colored, material_looks, materials_of, slots_of
from .texture_bytes import pixels_of
from .triangles import triangles

DEFAULT_FINISH = (0.0, 0.8)


def shown_surfaces(targets: Sequence[bpy.types.Object], textures: Textures) -> dict[int, ShownSurface]:
    """Return the triangles of objects in the current view layer by session UID; those that show none are left out.

    Args:
        targets: The objects.
        textures: Collects their images.

    Raises:
        CaptureError: They show too many instances.
    """
    uids = [target.session_uid for target in targets]
    parts = parts_of(uids)
    found = {}
    for target in targets:
        own = [read_part(part, textures) for part in parts if part.owner == target.session_uid]
        own = [part for part in own if len(part.faces)]
        if own:
            found[target.session_uid] = joined(target, own)
    return found


def parts_of(uids: Sequence[int]) -> list[Part]:
    """Return what objects show; nothing if none of them shows a surface."""
    able = [item for item in view_layer_objects() if item.session_uid in uids and item.visible_get()]
    try:
        return listed_parts(uids)[0]
    except CaptureError:
        if any(item.type == "MESH" for item in able):  # whose parts are too many
            raise
        return []


def read_part(part: Part, textures: Textures) -> ShownSurface:
    """Return the triangles of a part in world space."""
    looks = at_once(material_looks(part, textures))
    finishes = tuple(finish_of(material) for material in materials_of(evaluated_object(part)))
    shown = evaluated_object(part)
    uv_maps, attributes = {look.uv_map for look, _ in looks}, {look.attribute for look, _ in looks if look.attribute}
    data = shown.data if shown.type == "MESH" else shown.to_mesh()
    try:
        mesh = at_once(read_mesh(lambda: data, uv_maps, attributes))
        normals = np.empty((len(mesh.corner_vertices), 3), np.float32)
        data.corner_normals.foreach_get("vector", normals.reshape(-1))
    finally:
        if shown.type != "MESH":
            shown.to_mesh_clear()
    corners, faces = at_once(triangles(mesh.starts, mesh.positions, mesh.corner_vertices))
    surface = at_once(colored(mesh, corners, faces, looks))
    coordinates = surface.coordinates if len(surface.coordinates) else np.zeros((len(faces), 3, 2), np.float32)
    placed = ShownSurface(
        "",
        surface.positions,
        surface.faces,
        normals[corners],
        surface.colors,
        coordinates,
        surface.textures,
        slots_of(mesh, faces, len(looks)),
        finishes,
        np.zeros(3),
    )
    return transformed(placed, part.matrix)


def transformed(surface: ShownSurface, matrix: np.ndarray) -> ShownSurface:
    """Apply a `(4, 4) float64` matrix; one that mirrors turns the faces around."""
    linear = matrix[:3, :3]
    cofactors = np.cross(linear[[1, 2, 0]], linear[[2, 0, 1]])
    is_mirrored = np.linalg.det(linear) < 0
    normals = surface.normals @ cofactors.T * (-1 if is_mirrored else 1)
    lengths = np.linalg.norm(normals, axis=2, keepdims=True)
    normals = np.divide(normals, lengths, out=np.zeros_like(normals), where=lengths > 0)
    moved = surface._replace(
        positions=(surface.positions @ linear.T + matrix[:3, 3]).astype(np.float32), normals=normals.astype(np.float32)
    )
    if not is_mirrored:
        return moved
    return moved._replace(
        faces=np.ascontiguousarray(moved.faces[:, ::-1]),
        normals=np.ascontiguousarray(moved.normals[:, ::-1]),
        colors=np.ascontiguousarray(moved.colors[:, ::-1]),
        coordinates=np.ascontiguousarray(moved.coordinates[:, ::-1]),
    )


def joined(target: bpy.types.Object, parts: Sequence[ShownSurface]) -> ShownSurface:
    """Return all parts as one surface, from the object's origin."""
    matrix: Any = target.matrix_world
    location = np.array(matrix.translation, np.float64)
    vertex_counts = np.cumsum([0] + [len(part.positions) for part in parts])
    slot_counts = np.cumsum([0] + [len(part.finishes) for part in parts])
    arrays: dict[str, np.ndarray] = {
        name: np.concatenate([getattr(part, name) for part in parts])
        for name in ("normals", "colors", "coordinates", "textures")
    }
    return ShownSurface(
        name=target.name,
        positions=(np.concatenate([part.positions for part in parts]) - location).astype(np.float32),
        faces=np.concatenate([part.faces + vertex_counts[n] for n, part in enumerate(parts)]).astype(np.int32),
        slots=np.concatenate([part.slots + slot_counts[n] for n, part in enumerate(parts)]).astype(np.int32),
        finishes=tuple(finish for part in parts for finish in part.finishes),
        location=location,
        **arrays,
    )


def finish_of(material: bpy.types.Material | None) -> Finish:
    """Return the finish of a material, from its first Principled BSDF, as far as its values are not linked."""
    tree: Any = material.node_tree if material else None
    nodes = tree.nodes if tree else ()
    surface = next((node for node in nodes if node.type == "BSDF_PRINCIPLED"), None)
    values = [
        float(surface.inputs[name].default_value) if surface and not surface.inputs[name].is_linked else default
        for name, default in zip(("Metallic", "Roughness"), DEFAULT_FINISH, strict=True)
    ]
    return Finish(material.name if material else "", *(min(max(value, 0.0), 1.0) for value in values))


def corner_colors(surface: ShownSurface, textures: Textures) -> np.ndarray:
    """Return the colors of the corners, those of their textures included, `(T, 3, 3) uint8` sRGB."""
    colors = surface.colors.astype(np.float32) / 255
    for index, name in enumerate(textures.names):
        rows = np.flatnonzero(surface.textures == index)
        pixels = pixels_of(image_named(name)) if len(rows) else None
        if pixels is not None:
            # Just inside of the corner: at its very place, the next island may have been painted.
            inside = surface.coordinates[rows] * 0.98 + surface.coordinates[rows].mean(axis=1, keepdims=True) * 0.02
            colors[rows] *= sampled(pixels, inside.reshape(-1, 2)).reshape(-1, 3, 3)
    return (colors.clip(0, 1) * 255).round().astype(np.uint8)


def image_named(name_full: str) -> bpy.types.Image:
    """Return the image with this full name, which has its library's."""
    return next(image for image in bpy.data.images if image.name_full == name_full)


def vertex_colors(surface: ShownSurface, colors: np.ndarray) -> np.ndarray:
    """Return the mean color of each vertex, `(V, 3) float32` sRGB, of those of its corners `(T, 3, 3) uint8`."""
    corners, count = surface.faces.reshape(-1), len(surface.positions)
    values = colors.reshape(-1, 3) / 255
    sums = [np.bincount(corners, values[:, channel], minlength=count) for channel in range(3)]
    uses = np.bincount(corners, minlength=count).clip(1)[:, None]
    means: np.ndarray = (np.stack(sums, axis=1) / uses).astype(np.float32)
    return means
