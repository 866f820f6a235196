# SPDX-License-Identifier: GPL-3.0-or-later
"""The picture of an object as an asset, rendered here: Blender's own needs a window, and is done at some later time."""

from collections.abc import Generator
from typing import Any

import bpy
import numpy as np

from ..geometry import Mesh, PointCloud
from ..geometry.textured_mesh import MAX_TEXTURES, NO_TEXTURE, TexturedMesh
from ..geometry.thumbnail import thumbnail, thumbnail_steps
from .data_access import attribute_values
from .evaluated_mesh import CaptureError
from .names import COLOR
from .object_parts import SURFACE_TYPES, Part
from .object_surface import Textures, read_surface

SIDE_PX, SUPERSAMPLING = 256, 1
"""As slow as half the side with four samples per pixel, and as smooth at half the size, in which browsers show it."""
MAX_TEXTURE_PIXELS = 2**22
NO_INSTANCE = -1


class PixelTextures(Textures):
    """The images of a material as pixels."""

    def index(self, image: bpy.types.Image, material: str) -> Generator[None, None, int]:
        """Read the pixels of an image unless that was done, and return its index, or NO_TEXTURE without pixels."""
        name = image.name_full
        if name in self.names:
            return self.names.index(name)
        pixels = image_pixels(image) if len(self.names) < MAX_TEXTURES else None
        if pixels is None:
            return NO_TEXTURE
        yield
        self.names.append(name)
        self.images.append(pixels)
        return len(self.names) - 1


def image_pixels(image: bpy.types.Image) -> np.ndarray | None:
    """Return the pixels of an image, `(H, W, 3) uint8`, top row first; None if it has none or too many."""
    width, height = image.size
    if image.channels != 4 or not 0 < width * height <= MAX_TEXTURE_PIXELS:
        return None
    values = np.empty(width * height * 4, np.float32)
    pixels: Any = image.pixels
    pixels.foreach_get(values)
    colors = np.nan_to_num(values).reshape(height, width, 4)[::-1, :, :3]
    return np.ascontiguousarray((colors.clip(0, 1) * 255).round().astype(np.uint8))


def object_picture(target: bpy.types.Object) -> Generator[None, None, np.ndarray | None]:
    """Render an object of the view layer as it stands; yield between steps.

    Returns:
        `(SIDE_PX, SIDE_PX, 4) uint8` sRGB with straight alpha, top row first; None if the object shows no surface.
    """
    matrix = np.nan_to_num(np.array(target.matrix_world, np.float64))
    if target.type == "POINTCLOUD" or (isinstance(target.data, bpy.types.Mesh) and not target.data.polygons):
        cloud = turned_cloud(target, matrix)
        return (yield from thumbnail_steps(cloud, SIDE_PX, SUPERSAMPLING)) if len(cloud.points) else None
    if target.type not in SURFACE_TYPES:
        return None
    try:
        mesh = yield from turned_mesh(target, matrix)
    except CaptureError:
        return None
    yield
    return (yield from thumbnail_steps(mesh, SIDE_PX, SUPERSAMPLING)) if len(mesh.faces) else None


def picture(geometry: Mesh | TexturedMesh | PointCloud) -> np.ndarray:
    """Render geometry: `(SIDE_PX, SIDE_PX, 4) uint8` sRGB with straight alpha, top row first."""
    return thumbnail(geometry, SIDE_PX, SUPERSAMPLING)


def turned_mesh(target: bpy.types.Object, matrix: np.ndarray) -> Generator[None, None, TexturedMesh]:
    """Return the evaluated mesh with the rotation and scale of the object; yield between steps.

    Raises:
        CaptureError: The object is in no view layer, or was changed meanwhile.
        ValueError: It has too many faces.
    """
    textures = PixelTextures()
    part = Part(target.session_uid, NO_INSTANCE, False, matrix, (0, 0))
    surface = yield from read_surface(part, textures)
    turn = matrix[:3, :3].T
    order = (2, 1, 0) if np.linalg.det(turn) < 0 else (0, 1, 2)
    coordinates = surface.coordinates
    if not len(coordinates):
        coordinates = np.zeros((len(surface.faces), 3, 2), np.float32)
    return TexturedMesh(
        np.nan_to_num(surface.positions @ turn).astype(np.float32),
        np.ascontiguousarray(surface.faces[:, order]),
        surface.colors[:, order].astype(np.float32) / 255,
        np.ascontiguousarray(coordinates[:, order]),
        surface.textures,
        tuple(textures.images),
    )


def turned_cloud(target: bpy.types.Object, matrix: np.ndarray) -> PointCloud:
    """Return the points with the rotation and scale of the object, gray without colors."""
    data: Any = target.data
    points = np.zeros((len(data.vertices if target.type == "MESH" else data.points), 3), np.float32)
    if len(points):
        attribute_values(data, "position").foreach_get("vector", points.ravel())
    colors = np.full((len(points), 4), 0.8, np.float32)
    stored = data.attributes.get(COLOR)
    if stored is not None and stored.data_type in ("BYTE_COLOR", "FLOAT_COLOR") and len(stored.data) == len(points):
        stored.data.foreach_get("color_srgb", colors.ravel())
    turned = np.nan_to_num(points @ matrix[:3, :3].T).astype(np.float32)
    return PointCloud(turned, np.ascontiguousarray(np.nan_to_num(colors[:, :3]).clip(0, 1)))
