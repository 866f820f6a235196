# SPDX-License-Identifier: GPL-3.0-or-later
"""A scene of its own for objects under white light, with a camera that frames them, and its picture."""

import math
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import bpy
import numpy as np
from mathutils import Euler, Matrix, Vector

from .image_pixels import read_pixels
from .overlap import SOLID_TYPES

MARGIN = 1.15
"""Distance of the camera from an object, relative to the one where its bounding sphere just fits."""
FIELD_OF_VIEW_RAD = math.radians(40)
OVER_THE_SHOULDER = (math.radians(-35), math.radians(-25), 0.0)
SAMPLES = 12
AMBIENT_STRENGTH, SUN_STRENGTH = 0.7, 1.5
SURFACE_TYPES = SOLID_TYPES | {"POINTCLOUD"}
ADDED_KINDS = ("objects", "cameras", "lights", "worlds", "scenes")


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
