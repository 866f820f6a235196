# SPDX-License-Identifier: GPL-3.0-or-later
"""A turntable's cameras in Blender project points to the same pixels."""

import bpy
import numpy as np
import pytest
from bpy_extras.object_utils import world_to_camera_view
from mathutils import Matrix, Vector

from blender_text3d.geometry import Cameras

# Two cameras: in front of the object, and to the left above it, tilted down by 45 degrees.
HALF = np.sqrt(0.5)
ROTATIONS = np.array(
    [[[1, 0, 0], [0, 0, 1], [0, -1, 0]], [[0, -HALF, HALF], [-1, 0, 0], [0, -HALF, -HALF]]], np.float32
)
CAMERAS = Cameras(np.array([[0, -4, 0], [-3, 0, 3]], np.float32), ROTATIONS, 70.0, 48, 48)
POINTS = np.array([[0.3, -0.2, 0.5], [-0.8, 0.1, -0.4], [0, 0, 0]], np.float32)


@pytest.mark.parametrize("index", range(2))
def test_blender_projects_points_like_the_camera(index):
    scene = bpy.context.scene
    data = bpy.data.cameras.new("view")
    data.angle = CAMERAS.angle_x_rad()
    camera = bpy.data.objects.new("view", data)
    scene.collection.objects.link(camera)
    camera.matrix_world = Matrix(CAMERAS.model_from_blender_cameras()[index].tolist())
    scene.render.resolution_x, scene.render.resolution_y = CAMERAS.width_px, CAMERAS.height_px
    bpy.context.view_layer.update()
    for point, (column, row, ahead) in zip(POINTS, CAMERAS.pixels(index, POINTS), strict=True):
        right, up, depth = world_to_camera_view(scene, camera, Vector(point))
        projected = right * CAMERAS.width_px, (1 - up) * CAMERAS.height_px, depth
        assert projected == pytest.approx((column, row, ahead), abs=1e-3)
