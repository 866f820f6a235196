# SPDX-License-Identifier: GPL-3.0-or-later
"""Captures of a view, a camera or an object as pixels with a transparent background, for models that take images."""

import math
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import bpy
import numpy as np
from mathutils import Euler, Matrix

from .image_pixels import read_pixels
from .studio import add_camera, bounding_sphere, light_from, render, studio

SIDE = 256
FRONT_RIGHT = (math.radians(65), 0.0, math.radians(35))
"""Rotation of a camera that looks down at the object from its front right."""
MAX_DATA_SIDE = 1024


class CaptureError(Exception):
    """Nothing could be captured; the message is one sentence for the user."""


def capture_view(space: bpy.types.SpaceView3D, region: bpy.types.Region) -> np.ndarray:
    """Return what a 3D viewport shows, without overlays and background.

    Args:
        space, region: The viewport; Blender must have a window.

    Returns:
        `(SIDE, SIDE, 4) uint8` sRGB with straight alpha, top row first: the largest square at the view's center.

    Raises:
        CaptureError: The view is empty.
    """
    import gpu

    view, state = cast(Any, space.region_3d), cast(Any, gpu.state)
    offscreen = cast(Any, gpu.types.GPUOffScreen)(SIDE, SIDE)
    try:
        with hidden_overlays(space):
            offscreen.draw_view3d(
                bpy.context.scene, bpy.context.view_layer, space, region,
                view.view_matrix, square_projection(view.window_matrix, region),
                do_color_management=True, draw_background=False,
            )  # fmt: skip
        with offscreen.bind():
            buffer = state.active_framebuffer_get().read_color(0, 0, SIDE, SIDE, 4, 0, "UBYTE")
        buffer.dimensions = SIDE * SIDE * 4
        pixels = straight_alpha(np.array(buffer, np.uint8).reshape(SIDE, SIDE, 4)[::-1])
        return checked(pixels, "The viewport shows nothing.")
    finally:
        offscreen.free()


@contextmanager
def hidden_overlays(space: bpy.types.SpaceView3D) -> Iterator[None]:
    """Hide grid, outlines and gizmos of a viewport."""
    shown = space.overlay.show_overlays
    space.overlay.show_overlays = False
    try:
        yield
    finally:
        space.overlay.show_overlays = shown


def square_projection(projection: Matrix, region: bpy.types.Region) -> Matrix:
    """Return a view's projection, cropped to the largest square at its center."""
    side = min(region.width, region.height)
    return Matrix.Diagonal((region.width / side, region.height / side, 1.0, 1.0)) @ projection


def straight_alpha(premultiplied: np.ndarray) -> np.ndarray:
    """Return `(H, W, 4) uint8` pixels whose colors are divided by alpha."""
    alpha = premultiplied[..., 3:].astype(np.float32)
    pixels = premultiplied.copy()
    pixels[..., :3] = np.clip(premultiplied[..., :3] * (255 / np.maximum(alpha, 1)), 0, 255).round()
    return pixels


def capture_camera(scene: bpy.types.Scene) -> np.ndarray:
    """Return what the scene's camera sees, with a transparent background.

    Returns:
        `(H, W, 4) uint8` sRGB with straight alpha, top row first; the longer side is SIDE.

    Raises:
        CaptureError: The scene has no camera, or the camera sees nothing.
    """
    if scene.camera is None:
        raise CaptureError("The scene has no camera. Add one with Add > Camera.")
    with studio([item for item in scene.objects if not item.hide_render]) as studio_scene:
        studio_scene.camera = scene.camera
        light_from(studio_scene, scene.camera.matrix_world.to_3x3())
        longest = max(scene.render.resolution_x, scene.render.resolution_y)
        settings = studio_scene.render
        settings.resolution_x = max(1, round(SIDE * scene.render.resolution_x / longest))
        settings.resolution_y = max(1, round(SIDE * scene.render.resolution_y / longest))
        studio_scene.frame_set(scene.frame_current)
        return checked(render(studio_scene), "The camera sees nothing.")


def capture_objects(objects: list[bpy.types.Object], rotation: Matrix | None = None) -> np.ndarray:
    """Return objects alone, with a transparent background.

    Args:
        objects: The objects, in any scene.
        rotation: `3 x 3` rotation of the camera in world space; None for a view from the front right.

    Returns:
        `(SIDE, SIDE, 4) uint8` sRGB with straight alpha, top row first.

    Raises:
        CaptureError: The objects have nothing to see.
    """
    if not objects:
        raise CaptureError("No object is selected. Select the one to use as the image.")
    with studio(objects) as studio_scene:
        studio_scene.render.resolution_x = studio_scene.render.resolution_y = SIDE
        center, radius = bounding_sphere(studio_scene)
        if not radius:
            raise CaptureError(f'"{objects[0].name}" has no surface to render.')
        turned = Euler(FRONT_RIGHT).to_matrix() if rotation is None else rotation
        add_camera(studio_scene, center, radius, turned)
        light_from(studio_scene, turned)
        return checked(render(studio_scene), f'"{objects[0].name}" has nothing to see from here.')


def checked(pixels: np.ndarray, message: str) -> np.ndarray:
    """Return pixels of which some are opaque.

    Raises:
        CaptureError: All are transparent.
    """
    if not pixels[..., 3].any():
        raise CaptureError(message)
    return pixels


def data_block_pixels(image: bpy.types.Image) -> np.ndarray:
    """Return an image data-block as it is now, painted or rendered, as `(H, W, 4) uint8` sRGB, top row first.

    The longer side is at most MAX_DATA_SIDE.

    Raises:
        CaptureError: It has no pixels, as when its file is missing.
    """
    if not image.has_data and not image.size[0] * image.size[1]:
        raise CaptureError(f'The image "{image.name}" has no pixels. Its file may be missing.')
    scene = bpy.data.scenes.new("Text3D Capture")
    cast(Any, scene.view_settings).view_transform = "Standard"
    settings: Any = scene.render.image_settings
    settings.file_format, settings.color_mode = "PNG", "RGBA"
    try:
        with tempfile.TemporaryDirectory(prefix="text3d-") as folder:
            path = str(Path(folder) / "image.png")
            image.save_render(path, scene=scene)
            return read_pixels(path, MAX_DATA_SIDE)
    finally:
        bpy.data.scenes.remove(scene)
