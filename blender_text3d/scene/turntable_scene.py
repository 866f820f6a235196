# SPDX-License-Identifier: GPL-3.0-or-later
"""Camera, light and render settings of a turntable, for a scene of its own."""

import math
from collections.abc import Generator, Sequence
from pathlib import Path
from typing import Any

import bpy
import numpy as np
from mathutils import Matrix, Vector

from .names import COLOR
from .turntable_files import FRAME_NAME, TurntableSettings

LENS_MM, SENSOR_MM = 50.0, 36.0
HALF_ANGLE_TAN = SENSOR_MM / 2 / LENS_MM
MARGIN = 1.04
MAX_POINTS = 4096
SUN_STRENGTH, SUN_ANGLE_RAD, WORLD_STRENGTH = 2.2, math.radians(20), 0.6
SUN_FROM_CAMERA = Matrix.Rotation(math.radians(35), 4, "Y") @ Matrix.Rotation(math.radians(-40), 4, "X")
"""The light comes from the upper right of the camera and turns with it, as if the object stood on a turntable."""


def set_up_rendering(settings: TurntableSettings) -> None:
    """Let the scene render PNG images with transparency and the colors of the materials."""
    scene: Any = bpy.context.scene
    render = scene.render
    render.engine = engine_name(settings.engine)
    render.resolution_x = render.resolution_y = settings.side
    render.resolution_percentage, render.film_transparent = 100, True
    render.use_compositing = render.use_sequencer = False
    render.image_settings.file_format, render.image_settings.color_mode = "PNG", "RGBA"
    scene.view_settings.view_transform = "Standard"  # the default would gray the colors
    if settings.engine == "CYCLES":
        scene.cycles.device, scene.cycles.samples, scene.cycles.use_denoising = "CPU", settings.samples, False
    elif settings.engine == "EEVEE":
        scene.eevee.taa_render_samples = settings.samples
    else:
        scene.display.shading.color_type = "VERTEX" if has_colors() else "MATERIAL"


def engine_name(engine: str) -> str:
    """Return the name of an engine in this Blender: EEVEE has had two."""
    if engine != "EEVEE":
        return f"BLENDER_{engine}" if engine == "WORKBENCH" else engine
    return "BLENDER_EEVEE_NEXT" if bpy.app.version < (5, 0) else "BLENDER_EEVEE"


def has_colors() -> bool:
    """True if a mesh has the color attribute of generated objects."""
    return any(COLOR in mesh.attributes for mesh in bpy.data.meshes)


def shown_points() -> np.ndarray:
    """Return the corners `(N, 3) float64` of the boxes around what the scene shows, in world space.

    Raises:
        ValueError: It shows nothing.
    """
    context: Any = bpy.context
    graph = context.evaluated_depsgraph_get()
    corners = [
        instance.matrix_world @ Vector(corner)
        for instance in graph.object_instances
        for corner in instance.object.bound_box
        if instance.object.type not in ("EMPTY", "CAMERA", "LIGHT")
    ]
    points = np.array(corners, np.float64).reshape(-1, 3)
    points = points[np.isfinite(points).all(axis=1)]
    if not len(points) or np.ptp(points, axis=0).max() <= 0:
        raise ValueError("the objects show nothing")
    return points if len(points) <= MAX_POINTS else box_corners(points.min(axis=0), points.max(axis=0))


def box_corners(low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Return the corners `(8, 3) float64` of a box."""
    ends = np.stack([low, high])
    return np.array([[ends[x, 0], ends[y, 1], ends[z, 2]] for x in (0, 1) for y in (0, 1) for z in (0, 1)])


def fitting_distance(points: np.ndarray, rotations: Sequence[Matrix]) -> float:
    """Return how far from its center a camera has to be to see all points with each of its rotations.

    A point at (x, y, z) of the camera's axes is seen from the distance z + max(abs(x), abs(y)) / tan(half the angle).

    Args:
        points: `(N, 3) float64` relative to the center.
        rotations: Rotations of the camera.
    """
    distances: list[float] = []
    for rotation in rotations:
        x, y, z = (points @ np.array(rotation.to_3x3(), np.float64)).T
        distances.append(float((z + np.maximum(np.abs(x), np.abs(y)) / HALF_ANGLE_TAN).max()))
    return MARGIN * max(distances)


def add_camera(distance: float, radius: float) -> Any:
    """Add a camera at this distance from objects of this radius, and a light that turns with it; return the camera."""
    scene: Any = bpy.context.scene
    data = bpy.data.cameras.new("Camera")
    data.lens, data.sensor_width = LENS_MM, SENSOR_MM
    data.clip_start, data.clip_end = max(distance - radius, distance / 100) / 2, distance + 2 * radius
    camera: Any = bpy.data.objects.new("Camera", data)
    light: Any = bpy.data.lights.new("Sun", "SUN")
    light.energy, light.angle = SUN_STRENGTH, SUN_ANGLE_RAD
    sun: Any = bpy.data.objects.new("Sun", light)
    sun.parent, sun.matrix_local = camera, SUN_FROM_CAMERA
    for item in (camera, sun):
        scene.collection.objects.link(item)
    scene.camera = camera
    scene.world = gray_world()
    return camera


def gray_world() -> Any:
    """Return a world of even light."""
    world: Any = bpy.data.worlds.new("Light")
    if world.node_tree is None:
        world.use_nodes = True
    shader = next((node for node in world.node_tree.nodes if node.type == "BACKGROUND"), None)
    if shader is not None:
        shader.inputs["Color"].default_value, shader.inputs["Strength"].default_value = (1, 1, 1, 1), WORLD_STRENGTH
    return world


def camera_rotation(turn_rad: float, elevation_rad: float) -> Matrix:
    """Return the rotation of a camera that looks at a center from around; without a turn it is in front, at -Y."""
    return Matrix.Rotation(turn_rad, 4, "Z") @ Matrix.Rotation(math.pi / 2 - elevation_rad, 4, "X")


def rendered_frames(settings: TurntableSettings, folder: Path) -> Generator[int, None, None]:
    """Render the scene's objects from all around to PNG files in a folder; yield the number of rendered frames.

    Raises:
        ValueError: The objects show nothing.
        RuntimeError: The engine cannot render here.
    """
    points = shown_points()
    middle = (points.min(axis=0) + points.max(axis=0)) / 2
    turns = [2 * math.pi * index / settings.frames for index in range(settings.frames)]
    rotations = [camera_rotation(turn, settings.elevation_rad) for turn in turns]
    distance = fitting_distance(points - middle, rotations)
    set_up_rendering(settings)
    camera = add_camera(distance, float(np.linalg.norm(points - middle, axis=1).max()))
    scene: Any = bpy.context.scene
    for index, rotation in enumerate(rotations):
        camera.matrix_world = Matrix.Translation(middle.tolist()) @ rotation @ Matrix.Translation((0, 0, distance))
        scene.render.filepath = str(folder / FRAME_NAME.format(index))
        bpy.ops.render.render(write_still=True)
        yield index + 1
