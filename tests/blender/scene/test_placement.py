# SPDX-License-Identifier: GPL-3.0-or-later
"""The arithmetic of where a result stands and how large it is."""

import numpy as np
import pytest

from blender_text3d.geometry.placement import (
    Placement,
    placement_of,
    placement_of_box,
    robust_placement_of,
    rotated,
)
from blender_text3d.scene.placement import cell_offset, units_per_meter

BOX = np.array([[0, 0, 1], [2, 4, 2], [1, 1, 1.5]], np.float32)


def test_the_center_of_the_footprint_is_mapped_to_the_origin_and_the_longest_side_to_the_size():
    placement = placement_of(BOX, 8.0)
    assert (placement.base_in_model.tolist(), placement.scale, placement.rotation_deg) == ([1, 2, 1], 2.0, 0)
    np.testing.assert_array_equal(placement.apply(BOX), [[-2, -4, 0], [2, 4, 2], [0, -2, 1]])


@pytest.mark.parametrize("place", [placement_of, robust_placement_of])
def test_the_rotation_is_applied_after_the_scale(place):
    placement = place(BOX, 8.0, 90)
    unrotated = Placement(placement.base_in_model, placement.scale).apply(BOX)
    np.testing.assert_array_equal(placement.apply(BOX), rotated(unrotated, 90))
    assert placement.rotation_deg == 90


def test_points_are_placed_in_64_bits_and_returned_in_32():
    far = np.array([[1e6 + 1, 0, 0], [1e6 + 3, 0, 0]])
    placed = placement_of(far, 1.0).apply(far)
    assert placed.dtype == np.float32
    np.testing.assert_array_equal(placed[:, 0], [-0.5, 0.5])


def test_a_box_without_extent_is_not_scaled():
    point = np.array([3.0, 4.0, 5.0])
    placement = placement_of_box(point, point, 2.0, 180)
    assert (placement.base_in_model.tolist(), placement.scale, placement.rotation_deg) == ([3, 4, 5], 1.0, 180)


def test_the_robust_placement_leaves_out_two_percent_at_each_end():
    points = np.arange(101, dtype=np.float32)[:, None].repeat(3, axis=1)
    points[0], points[100] = -1e6, 1e6
    placement = robust_placement_of(points, 48.0)
    assert placement.base_in_model.tolist() == [50, 50, 2]
    assert placement.scale == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("index", "rows_per_result", "offset"),
    [(0, 1, (0, 0, 0)), (9, 1, (22.5, 0, 0)), (10, 1, (0, 2.5, 0)), (23, 1, (7.5, 5, 0)), (23, 2, (7.5, 10, 0))],
)
def test_ten_results_of_2_units_stand_in_a_row_2_5_units_apart(index, rows_per_result, offset):
    assert cell_offset(index, 2.0, rows_per_result) == offset


def test_a_result_takes_one_row_by_default():
    assert cell_offset(10, 2.0) == cell_offset(10, 2.0, 1)


@pytest.mark.parametrize(
    ("system", "scale_length", "expected"), [("NONE", 0.01, 1.0), ("METRIC", 0.01, 100.0), ("IMPERIAL", 2.0, 0.5)]
)
def test_a_scene_without_units_has_one_blender_unit_per_meter(scene, system, scale_length, expected):
    scene.unit_settings.system, scene.unit_settings.scale_length = system, scale_length
    assert units_per_meter(scene) == pytest.approx(expected)
