# SPDX-License-Identifier: GPL-3.0-or-later
"""Farthest-point order."""

import numpy as np

from blender_text3d.geometry.farthest_points import farthest_order, farthest_points, nearest_rows


def test_each_point_is_as_far_as_possible_from_all_before_it():
    points = np.random.default_rng(0).random((300, 3), np.float32)
    order = farthest_points(points, 40, start=7)
    assert order[0] == 7
    for count in range(1, 40):
        distances = np.linalg.norm(points[:, None] - points[order[:count]], axis=2).min(axis=1)
        assert np.isclose(distances[order[count]], distances.max())


def test_points_are_chosen_again_if_there_are_too_few():
    assert len(farthest_points(np.zeros((1, 3), np.float32), 5)) == 5


def test_the_order_is_made_in_steps():
    points = np.random.default_rng(0).random((200, 3), np.float32)
    assert list(farthest_order(points, 150)) == [64, 128]


def test_every_point_belongs_to_the_nearest_center():
    points = np.random.default_rng(0).random((100, 3), np.float32)
    expected = np.linalg.norm(points[:, None] - points[:9], axis=2).argmin(axis=1)
    assert np.array_equal(nearest_rows(points, points[:9], rows_at_a_time=7), expected)
