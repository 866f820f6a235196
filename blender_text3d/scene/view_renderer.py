# SPDX-License-Identifier: GPL-3.0-or-later
"""Views of unlit objects by Cycles, one ray for each pixel's center, read as floats."""

from collections.abc import Generator
from pathlib import Path
from typing import Any, cast

import bpy
import numpy as np
from mathutils import Matrix

from ..geometry.object_cameras import DISTANCE, camera_rows, sphere_cameras
from ..geometry.rendered_views import RenderedViews, stored_depths
from ..geometry.srgb import srgb_from_linear
from .unlit_material import set_pass

SEED = 0
NARROWEST_FILTER_PX = 0.01
"""Rays start this close to the pixels' centers."""
TRANSPARENT_LAYERS = 64
NEAREST, FARTHEST = 0.5 * DISTANCE, 2 * DISTANCE


def set_up_rendering(side: int) -> None:
    """Let the scene render floats without light, noise, denoiser or filter."""
    scene: Any = bpy.context.scene
    render = scene.render
    render.engine = "CYCLES"
    render.resolution_x = render.resolution_y = side
    render.resolution_percentage, render.film_transparent = 100, True
    render.use_persistent_data = True
    render.use_compositing = render.use_sequencer = False
    render.dither_intensity = 0.0
    render.image_settings.file_format = "OPEN_EXR"
    render.image_settings.color_mode, render.image_settings.color_depth = "RGBA", "32"
    cycles = scene.cycles
    cycles.device, cycles.samples, cycles.use_adaptive_sampling, cycles.use_denoising = "CPU", 1, False, False
    cycles.pixel_filter_type, cycles.filter_width = "GAUSSIAN", NARROWEST_FILTER_PX
    cycles.max_bounces, cycles.transparent_max_bounces = 0, TRANSPARENT_LAYERS
    scene.world = None


def rendered_views(
    count: int, side: int, middle: np.ndarray, longest: float, measured: Any, folder: Path
) -> Generator[int, None, RenderedViews]:
    """Render the scene from random directions; yield the number of rendered views.

    Args:
        count: Number of views.
        side: Their width and height in pixels.
        middle: `(3,) float64`, the middle of the object in world space.
        longest: Its longest side.
        measured: The node group that the materials use, see `unlit_material`.
        folder: Folder for the rendered files.
    """
    cameras = sphere_cameras(count, side, SEED)
    images, angles = np.zeros((count, side, side, 4), np.uint8), np.zeros((count, side, side), np.uint8)
    depths = np.zeros((count, side, side), np.float32)
    camera = new_camera(cameras.angle_x_rad(), longest)
    for index, matrix in enumerate(cameras.model_from_blender_cameras().astype(np.float64)):
        matrix[:3, 3] = middle + matrix[:3, 3] * longest
        camera.matrix_world = Matrix(matrix.tolist())
        set_pass(measured, is_color=True)
        color = rendered_pixels(folder / "view.exr", side)
        set_pass(measured, is_color=False)
        depth, angle, is_measured, _ = np.moveaxis(rendered_pixels(folder / "view.exr", side), -1, 0)
        is_shown = (color[..., 3] > 0.5) & (is_measured > 0.5)
        images[index, ..., :3] = np.rint(srgb_from_linear(color[..., :3].clip(0, 1)) * 255)
        images[index, ..., 3] = 255
        images[index][~is_shown] = 0
        angles[index] = np.rint(angle.clip(0, 1) * 255) * is_shown
        depths[index] = depth / np.float32(longest) * is_shown
        yield index + 1
    return RenderedViews(images, angles, stored_depths(depths), camera_rows(cameras))


def new_camera(fov_rad: float, longest: float) -> Any:
    """Return a new camera of the scene for an object of this longest side."""
    data = bpy.data.cameras.new("Camera")
    data.angle, data.clip_start, data.clip_end = fov_rad, NEAREST * longest, FARTHEST * longest
    camera = bpy.data.objects.new("Camera", data)
    scene: Any = bpy.context.scene
    scene.collection.objects.link(camera)
    scene.camera = camera
    return camera


def rendered_pixels(path: Path, side: int) -> np.ndarray:
    """Render the scene to a file and return its pixels `(side, side, 4) float32`, top row first."""
    cast(Any, bpy.context.scene).render.filepath = str(path)
    bpy.ops.render.render(write_still=True)
    image: Any = bpy.data.images.load(str(path))
    try:
        image.colorspace_settings.name = "Non-Color"
        values = np.zeros(side * side * 4, np.float32)
        image.pixels.foreach_get(values)
    finally:
        bpy.data.images.remove(image)
    return np.nan_to_num(values).reshape(side, side, 4)[::-1]
