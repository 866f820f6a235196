# SPDX-License-Identifier: GPL-3.0-or-later
"""Captures of a view, a camera or an object as pixels with a transparent background, for models that take images."""

import math
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import bpy
import numpy as np
from mathutils import Euler, Matrix, Vector

from .overlap import SOLID_TYPES

SIDE = 256
MARGIN = 1.15
"""Distance of the camera from an object, relative to the one where its bounding sphere just fits."""
FIELD_OF_VIEW_RAD = math.radians(40)
FRONT_RIGHT = (math.radians(65), 0.0, math.radians(35))
"""Rotation of a camera that looks down at the object from its front right."""
OVER_THE_SHOULDER = (math.radians(-35), math.radians(-25), 0.0)
SAMPLES = 12
MAX_DATA_SIDE = 1024
AMBIENT_STRENGTH, SUN_STRENGTH = 0.7, 1.5
SURFACE_TYPES = SOLID_TYPES | {"POINTCLOUD"}
ADDED_KINDS = ("objects", "cameras", "lights", "worlds", "scenes")


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


@contextmanager
def studio(objects: Iterable[bpy.types.Object]) -> Iterator[bpy.types.Scene]:
    """Yield a scene with these objects alone under white light; it is removed afterwards with all that was added."""
    before = {kind: set(getattr(bpy.data, kind)) for kind in ADDED_KINDS}
    scene = bpy.data.scenes.new("Text3D Capture")
    try:
        for item in objects:
            scene.collection.objects.link(item)
        scene.world = bpy.data.worlds.new(scene.name)
        if scene.world.node_tree is None:
            scene.world.use_nodes = True
        tree = cast(Any, scene.world.node_tree)
        background = next(node for node in tree.nodes if node.type == "BACKGROUND")
        background.inputs["Color"].default_value = (1, 1, 1, 1)
        background.inputs["Strength"].default_value = AMBIENT_STRENGTH
        yield scene
    finally:
        for kind in ADDED_KINDS:
            collection = getattr(bpy.data, kind)
            for item in set(collection) - before[kind]:
                collection.remove(item)


def light_from(scene: bpy.types.Scene, rotation: Matrix) -> None:
    """Add a sun that shines over the left shoulder of a camera with this rotation."""
    sun = bpy.data.objects.new(scene.name, bpy.data.lights.new(scene.name, "SUN"))
    cast(bpy.types.SunLight, sun.data).energy = SUN_STRENGTH
    sun.matrix_world = (rotation @ Euler(OVER_THE_SHOULDER).to_matrix()).to_4x4()
    scene.collection.objects.link(sun)


def add_camera(scene: bpy.types.Scene, center: Vector, radius: float, rotation: Matrix) -> None:
    """Add a camera that frames a sphere."""
    data = bpy.data.cameras.new(scene.name)
    data.angle = FIELD_OF_VIEW_RAD
    distance = MARGIN * radius / math.sin(FIELD_OF_VIEW_RAD / 2)
    data.clip_start, data.clip_end = (distance - radius) / 2, distance + 2 * radius
    scene.camera = bpy.data.objects.new(scene.name, data)
    scene.camera.matrix_world = Matrix.Translation(center + rotation @ Vector((0, 0, distance))) @ rotation.to_4x4()
    scene.collection.objects.link(scene.camera)


def bounding_sphere(scene: bpy.types.Scene) -> tuple[Vector, float]:
    """Return center and radius of a sphere around all surfaces and points in world space; radius 0 without any."""
    layer = scene.view_layers[0]
    layer.update()
    instances = cast(Any, layer.depsgraph).object_instances
    corners = [
        instance.matrix_world @ Vector(corner)
        for instance in instances
        if instance.object.type in SURFACE_TYPES
        for corner in instance.object.bound_box
    ]
    if not corners:
        return Vector(), 0.0
    low, high = (Vector([pick(axis) for axis in zip(*corners, strict=True)]) for pick in (min, max))
    return (low + high) / 2, (high - low).length / 2


def render(scene: bpy.types.Scene) -> np.ndarray:
    """Return a scene as `(H, W, 4) uint8` sRGB with straight alpha, top row first, rendered on the CPU."""
    settings: Any = scene.render
    settings.film_transparent, settings.dither_intensity = True, 0
    settings.image_settings.file_format, settings.image_settings.color_mode = "PNG", "RGBA"
    cast(Any, scene.view_settings).view_transform = "Standard"
    choose_engine(scene)
    with tempfile.TemporaryDirectory(prefix="text3d-") as folder:
        settings.filepath = str(Path(folder) / "capture.png")
        bpy.ops.render.render(write_still=True, scene=scene.name)
        return read_pixels(settings.filepath)


def choose_engine(scene: bpy.types.Scene) -> None:
    """Set Cycles, which shows materials and needs no display, or Workbench if Cycles is disabled."""
    engine, cycles = cast(Any, scene.render), getattr(scene, "cycles", None)
    engine.engine = "BLENDER_WORKBENCH" if cycles is None else "CYCLES"
    if cycles is not None:
        cycles.device, cycles.samples, cycles.use_denoising = "CPU", SAMPLES, False


def read_pixels(path: str, max_side: int = 0) -> np.ndarray:
    """Return an image file as `(H, W, 4) uint8` sRGB with straight alpha, top row first.

    Args:
        path: The file.
        max_side: Larger images are scaled down to this side; 0 for none.

    Raises:
        RuntimeError: There is no file.
        ValueError: It is damaged, or no image.
    """
    image = bpy.data.images.load(path)
    try:
        if not all(image.size):
            raise ValueError(f"{path} is no image that Blender can read.")
        image.alpha_mode = "STRAIGHT"
        if 0 < max_side < max(image.size):
            scale = max_side / max(image.size)
            image.scale(*(max(1, round(side * scale)) for side in image.size))
        width, height = image.size
        values = np.empty(width * height * 4, np.float32)
        cast(Any, image.pixels).foreach_get(values)
    finally:
        bpy.data.images.remove(image)
    return (values.reshape(height, width, 4)[::-1] * 255).round().astype(np.uint8)


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
