# SPDX-License-Identifier: GPL-3.0-or-later
"""Images with depth, as the encoder takes them. Exact numbers are in tests/parity."""

import numpy as np

from blender_text3d.engine.shap_e.encoding.prepare_views import prepared_views, spread_cloud

CAMERA = np.array([[1, 0, 0, 0, 0, -1, 0, 1, 0, 0, -2, 0, 0.7, 0.5]], np.float32)


def test_a_wide_view_becomes_its_middle_square_on_black_in_a_doubled_scene():
    images = np.full((1, 8, 12, 4), 200, np.uint8)
    images[0, :, :2], images[0, :, 2:6, 3] = 9, 0
    depths = np.full((1, 8, 12), 1.5, np.float32)
    depths[0, 0, 2] = np.inf
    views = prepared_views(images, depths, CAMERA, 4)
    assert views.images.shape == (1, 4, 4, 3)
    assert views.images[0, 1, 0].tolist() == [0, 0, 0]
    assert views.alphas[0, 1, [0, 3]].tolist() == [0, 200]
    assert views.images[0, 1, 3].tolist() == [157] * 3  # 200 * 200 / 255
    assert np.isinf(views.depths[0, 0, 0])
    assert views.depths[0, 1, 1] == 3
    assert views.cameras[0, 9:].tolist() == [0, -4, 0, 0.5, 0.5]
    assert CAMERA[0, 10] == -2


def test_a_point_of_the_spread_cloud_has_the_mean_color_of_those_near_it():
    points = np.array([[0, 0, 0], [0, 0, 0.1], [0, 0, 5]], np.float32)
    colors = np.array([[1, 0, 0], [0, 1, 0], [0, 0, 1]], np.float32)
    chosen, means = spread_cloud(points, colors, 2, start=0)
    assert chosen.tolist() == points[[0, 2]].tolist()
    assert np.allclose(means, [[0.5, 0.5, 0], [0, 0, 1]], atol=1 / 255)
