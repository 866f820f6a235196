# SPDX-License-Identifier: GPL-3.0-or-later
"""A rendered image of objects: three-quarter view, light ground, soft shadow, fitted to the frame."""

from math import radians
from pathlib import Path

import bpy
from mathutils import Vector

SIDE_PX = 560
SAMPLES = 32
# The front of an object faces -Y; the camera is in front of it, to the right and above.
FROM_OBJECT_TO_CAMERA = Vector((0.62, -1.0, 0.55)).normalized()
LENS_MM = 70.0
MARGIN = 1.18
BACKGROUND = (0.93, 0.94, 0.96)


def render_picture(objects: list[bpy.types.Object], path: Path) -> None:
    """Render the objects to a PNG file; ground, light and camera stay in the scene.

    Uses Cycles on the CPU: no display, OpenGL or GPU is needed.
    """
    scene = bpy.context.scene
    corners = _corners(objects)
    _add_ground(corners)
    _add_light()
    _set_background(scene)
    _add_camera(scene, corners)
    _choose_settings(scene, path)
    bpy.ops.render.render(write_still=True)


def _corners(objects: list[bpy.types.Object]) -> list[Vector]:
    """Return the corners of the objects' bounding boxes in world space, in meters."""
    bpy.context.view_layer.update()
    return [made.matrix_world @ Vector(corner) for made in objects for corner in made.bound_box]


def _add_ground(corners: list[Vector]) -> None:
    lowest_m = min(corner.z for corner in corners)
    bpy.ops.mesh.primitive_plane_add(size=200.0, location=(0.0, 0.0, lowest_m))
    ground = bpy.context.object
    ground.name = "Ground"
    material = bpy.data.materials.new("Ground")
    material.use_nodes = True
    material.node_tree.nodes["Principled BSDF"].inputs["Base Color"].default_value = (*BACKGROUND, 1.0)
    material.node_tree.nodes["Principled BSDF"].inputs["Roughness"].default_value = 1.0
    ground.data.materials.append(material)


def _add_light() -> None:
    sun = bpy.data.objects.new("Sun", bpy.data.lights.new("Sun", "SUN"))
    sun.data.energy = 1.9
    sun.data.angle = radians(25)  # wide, so that shadows are soft
    sun.rotation_euler = (radians(42), radians(8), radians(20))
    bpy.context.collection.objects.link(sun)


def _set_background(scene: bpy.types.Scene) -> None:
    scene.world = bpy.data.worlds.new("Light")
    scene.world.use_nodes = True
    shader = next(node for node in scene.world.node_tree.nodes if node.type == "BACKGROUND")
    shader.inputs["Color"].default_value = (*BACKGROUND, 1.0)
    shader.inputs["Strength"].default_value = 0.55


def _add_camera(scene: bpy.types.Scene, corners: list[Vector]) -> None:
    camera = bpy.data.objects.new("Camera", bpy.data.cameras.new("Camera"))
    bpy.context.collection.objects.link(camera)
    scene.camera = camera
    scene.render.resolution_x = scene.render.resolution_y = SIDE_PX
    camera.data.lens = LENS_MM
    camera.rotation_euler = FROM_OBJECT_TO_CAMERA.to_track_quat("Z", "Y").to_euler()
    bpy.context.view_layer.update()
    fitting, _ = camera.camera_fit_coords(
        bpy.context.evaluated_depsgraph_get(), [value for corner in corners for value in corner]
    )
    center = sum(corners, Vector()) / len(corners)
    camera.location = center + (fitting - center) * MARGIN


def _choose_settings(scene: bpy.types.Scene, path: Path) -> None:
    scene.render.engine = "CYCLES"
    scene.cycles.device = "CPU"
    scene.cycles.samples = SAMPLES
    scene.cycles.use_denoising = False  # some builds of Blender lack the denoiser and fail
    scene.view_settings.view_transform = "Standard"  # the default would gray the colors
    scene.render.image_settings.file_format = "PNG"
    scene.render.filepath = str(path)
