# SPDX-License-Identifier: GPL-3.0-or-later
import numpy as np
import pytest
import torch

from blender_text3d.engine.shap_e.rendering.rays import box_span, camera_rays
from blender_text3d.engine.shap_e.rendering.turntable import OFFICIAL, Turntable
from tests.engine.shap_e.rendering.recorded_decoder import recorded

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def official():
    return recorded("official_nerf.npz")


def test_the_official_turntable_has_the_official_poses_to_the_last_bit(official):
    cameras = OFFICIAL.cameras()
    np.testing.assert_array_equal(cameras.places_in_model, official["pan/origin"])
    for column, name in enumerate("xyz"):
        np.testing.assert_array_equal(cameras.model_from_cameras[..., column], official[f"pan/{name}"])


def test_the_rays_of_a_camera_are_the_official_ones(official):
    rays = camera_rays(Turntable(size_px=5, is_closed=True).cameras(), 3, CPU)
    ours = torch.stack([rays.origins, rays.directions], dim=1).numpy()
    np.testing.assert_allclose(ours, official["pan/rays"], rtol=0, atol=1e-7)


def test_the_first_camera_is_in_front_of_the_object_and_above_it():
    x, y, z = Turntable(views=4).cameras().places_in_model[0]
    assert (x, y, z) == pytest.approx((0, -4 * np.cos(np.arctan(0.5)), 4 * np.sin(np.arctan(0.5))))


def test_an_open_turntable_shows_no_view_twice_and_a_closed_one_its_first():
    opened, closed = (Turntable(views=5, is_closed=is_closed).cameras().places_in_model for is_closed in (False, True))
    distances = np.linalg.norm(opened[:, None] - opened[None], axis=2) + 9 * np.eye(5)
    assert distances.min() > 1
    np.testing.assert_allclose(closed[-1], closed[0], atol=1e-6)


def test_a_ray_goes_through_the_point_that_its_pixel_sees():
    cameras = Turntable(views=3, size_px=9, elevation_deg=-20, distance=2.5, fov_rad=1.1).cameras()
    rays = camera_rays(cameras, 1, CPU)
    points = (rays.origins + 2.2 * rays.directions).numpy()
    rows, columns = np.divmod(np.arange(81), 9)
    seen = cameras.pixels(1, points)
    np.testing.assert_allclose(seen[:, :2], np.stack([columns + 0.5, rows + 0.5], axis=1), atol=1e-4)


def test_the_field_of_view_is_between_the_outermost_pixel_centers():
    rays = camera_rays(Turntable(views=1, size_px=33, fov_rad=0.9).cameras(), 0, CPU)
    left, right = rays.directions[16 * 33], rays.directions[16 * 33 + 32]
    assert torch.arccos(left @ right).item() == pytest.approx(0.9, abs=1e-5)


def test_the_central_ray_crosses_two_units_of_the_cube_and_the_others_miss_it():
    cameras = Turntable(views=1, size_px=3, elevation_deg=0, fov_rad=1.2).cameras()
    span, is_hit = box_span(camera_rays(cameras, 0, CPU))
    assert is_hit.tolist() == [False, False, False, False, True, False, False, False, False]
    assert (span.near[4, 0].item(), span.far[4, 0].item()) == pytest.approx((3, 5), abs=1e-5)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"views": 0}, "0 views of 64 pixels are impossible"),
        ({"size_px": 1}, "20 views of 1 pixels are impossible"),
        ({"distance": 1.0}, "would be inside the object"),
        ({"distance": float("nan")}, "would be inside the object"),
        ({"elevation_deg": 90}, "An elevation of 90 degrees"),
        ({"fov_rad": 0.0}, "a field of view of 0.0 is impossible"),
    ],
)
def test_an_impossible_turntable_is_refused(changes, sentence):
    with pytest.raises(ValueError, match=sentence):
        Turntable(**changes)
