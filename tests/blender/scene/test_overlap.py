# SPDX-License-Identifier: GPL-3.0-or-later
"""The bounding boxes by which objects are kept apart."""

import bpy
import numpy as np

from blender_text3d.scene.overlap import bounds


def test_the_bounds_of_a_rotated_and_stretched_object_are_those_of_its_vertices_in_the_world():
    bpy.ops.mesh.primitive_cube_add(size=2, location=(1, 2, 3), rotation=(0.3, 0.5, 0.9), scale=(3, 1, 0.5))
    target = bpy.context.object
    bpy.context.view_layer.update()
    vertices = np.array([target.matrix_world @ vertex.co for vertex in target.data.vertices])
    low, high = bounds(target)
    np.testing.assert_allclose(low, vertices.min(axis=0), atol=1e-5)
    np.testing.assert_allclose(high, vertices.max(axis=0), atol=1e-5)
