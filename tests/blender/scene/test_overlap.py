# SPDX-License-Identifier: GPL-3.0-or-later
"""The bounding boxes by which objects are kept apart."""

import bpy
import numpy as np
import pytest

from blender_text3d.scene.overlap import bounds, box_at, encloses, overlaps


@pytest.fixture
def cube(scene):
    """A cube from -1 to 1 on each axis."""
    bpy.ops.mesh.primitive_cube_add(size=2)
    bpy.context.view_layer.update()
    return bpy.context.object


def test_the_bounds_of_a_rotated_and_stretched_object_are_those_of_its_vertices_in_the_world():
    bpy.ops.mesh.primitive_cube_add(size=2, location=(1, 2, 3), rotation=(0.3, 0.5, 0.9), scale=(3, 1, 0.5))
    target = bpy.context.object
    bpy.context.view_layer.update()
    vertices = np.array([target.matrix_world @ vertex.co for vertex in target.data.vertices])
    low, high = bounds(target)
    np.testing.assert_allclose(low, vertices.min(axis=0), atol=1e-5)
    np.testing.assert_allclose(high, vertices.max(axis=0), atol=1e-5)


def test_the_box_of_a_new_object_stands_on_its_location():
    low, high = box_at((1, 2, 3), 4.0)
    assert (low.tolist(), high.tolist()) == ([-1, 0, 3], [3, 4, 7])


@pytest.mark.parametrize(
    ("location", "is_enclosed"),
    [
        ((0, 0, 0), True), ((0.5, -0.5, 0), True), ((-0.5, 0.5, -1), True),
        ((0.6, 0, 0), False), ((-0.6, 0, 0), False), ((0, 0.6, 0), False), ((0, -0.6, 0), False),
        ((0, 0, 0.1), False), ((0, 0, -1.1), False),
    ],
)  # fmt: skip
def test_an_object_of_1_unit_is_enclosed_as_long_as_no_side_sticks_out(cube, location, is_enclosed):
    assert encloses(cube, location, 1.0) is is_enclosed


@pytest.mark.parametrize(("size", "is_enclosed"), [(0.5, True), (0.49, False)])
def test_an_object_of_four_times_the_size_encloses_and_a_larger_one_is_a_room(cube, size, is_enclosed):
    assert encloses(cube, (0, 0, 0), size) is is_enclosed


@pytest.mark.parametrize(
    ("display_type", "is_enclosed"), [("SOLID", True), ("TEXTURED", True), ("WIRE", False), ("BOUNDS", False)]
)
def test_an_object_shown_as_lines_hides_nothing(cube, display_type, is_enclosed):
    cube.display_type = display_type
    assert encloses(cube, (0, 0, 0), 1.0) is is_enclosed


def test_a_hidden_object_hides_nothing(cube):
    cube.hide_set(True)
    assert not encloses(cube, (0, 0, 0), 1.0)


@pytest.mark.parametrize(("type_", "is_enclosed"), [("CURVE", True), ("SURFACE", True), ("META", True), ("FONT", True),
                                                    ("LATTICE", False), ("EMPTY", False)])  # fmt: skip
def test_only_objects_with_a_surface_hide_others(cube, type_, is_enclosed):
    class Other:
        """The cube as an object of another type; Blender cannot make a curve with the same box."""

        type, display_type, visible_get = type_, "SOLID", cube.visible_get
        bound_box, matrix_world = cube.bound_box, cube.matrix_world

    assert encloses(Other(), (0, 0, 0), 1.0) is is_enclosed


@pytest.mark.parametrize(
    ("location", "is_overlapping"),
    [
        ((0, 0, 0), True), ((1.4, 0, 0), True), ((-1.4, 0, 0), True), ((0, 0, 0.9), True), ((0, 0, -1.9), True),
        ((1.5, 0, 0), False), ((-1.5, 0, 0), False), ((0, 1.5, 0), False), ((0, -1.5, 0), False),
        ((0, 0, 1), False), ((0, 0, -2), False),
    ],
)  # fmt: skip
def test_boxes_that_only_touch_do_not_overlap(cube, location, is_overlapping):
    assert overlaps(cube, location, 1.0) is is_overlapping
