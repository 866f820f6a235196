# SPDX-License-Identifier: GPL-3.0-or-later
import torch

from blender_text3d.engine.shap_e.rendering.nerf import Looks
from blender_text3d.engine.shap_e.rendering.occupancy import in_chunks, occupied, silhouette, where_occupied
from blender_text3d.engine.shap_e.rendering.rays import camera_rays
from blender_text3d.engine.shap_e.rendering.turntable import Turntable
from blender_text3d.engine.shap_e.rendering.volume import light_along, seeded
from tests.engine.shap_e.rendering.media_of_known_light import Ball

CPU = torch.device("cpu")
CAMERAS = Turntable(views=3, size_px=40, distance=3.0).cameras()
LOOKS = Looks(24, 24)


def light(medium, is_wanted=None):
    return light_along(medium, camera_rays(CAMERAS, 1, CPU), LOOKS, seeded(5, CPU), is_wanted)


def test_skipping_what_is_empty_gives_the_same_picture_for_a_small_part_of_the_points():
    everywhere, ball = Ball(40.0, 0.35), Ball(40.0, 0.35)
    lattice = occupied(ball, 24, CPU)
    near = where_occupied(ball, lattice)
    ball.asked = 0
    whole, sparse = light(everywhere), light(near, silhouette(lattice, CAMERAS, 1))
    torch.testing.assert_close(sparse.color, whole.color, rtol=0, atol=1e-6)
    torch.testing.assert_close(sparse.transmittance, whole.transmittance, rtol=0, atol=1e-6)
    assert ball.asked < 0.25 * everywhere.asked


def test_the_occupied_part_holds_every_point_of_the_ball_and_little_more():
    lattice = occupied(Ball(40.0, 0.5), 32, CPU)
    line = torch.linspace(-1, 1, 32)
    radius = torch.cartesian_prod(line, line, line).norm(dim=1).reshape(32, 32, 32)
    assert lattice[radius < 0.5].all() and not lattice[radius > 0.5 + 2 * 2 / 31 * 3**0.5].any()


def test_the_silhouette_holds_every_pixel_that_sees_the_ball_and_few_others():
    lattice = occupied(Ball(40.0, 0.35), 48, CPU)
    is_wanted = silhouette(lattice, CAMERAS, 1)
    is_seen = light(Ball(40.0, 0.35)).transmittance < 1
    assert is_wanted[is_seen].all() and is_seen.any()
    assert is_wanted.float().mean() < 3 * is_seen.float().mean()


def test_an_empty_cube_has_no_silhouette():
    lattice = occupied(Ball(0.0, 0.5), 8, CPU)
    assert not lattice.any() and not silhouette(lattice, CAMERAS, 0).any()


def test_no_call_asks_more_points_than_a_chunk_and_none_is_left_out():
    sizes = []

    def medium(points, directions):
        sizes.append(len(points))
        return torch.cat([points, directions[:, :2]], dim=1)

    points = torch.rand(1050, 3)
    met = in_chunks(medium, 100)(points, points)
    assert max(sizes) == 100 and sum(sizes) == 1050
    assert torch.equal(met, torch.cat([points, points[:, :2]], dim=1))
    assert in_chunks(medium, 100)(points[:0], points[:0]).shape == (0, 5)
