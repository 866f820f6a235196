# SPDX-License-Identifier: GPL-3.0-or-later
import torch

from blender_text3d.engine.shap_e.rendering.nerf import SampleCounts
from blender_text3d.engine.shap_e.rendering.occupancy import in_chunks, occupancy_grid, silhouette, skip_empty
from blender_text3d.engine.shap_e.rendering.rays import camera_rays
from blender_text3d.engine.shap_e.rendering.turntable import Turntable
from blender_text3d.engine.shap_e.rendering.volume import render_ray_batches, seeded_uniform
from tests.engine.shap_e.rendering.known_media import Ball

CPU = torch.device("cpu")
CAMERAS = Turntable(views=3, size_px=40, distance=3.0).cameras()
SAMPLES = SampleCounts(24, 24)


def light(medium, may_hit=None):
    return render_ray_batches(medium, camera_rays(CAMERAS, 1, CPU), SAMPLES, seeded_uniform(5, CPU), may_hit)


def test_skipping_empty_space_gives_the_same_image_with_a_quarter_of_the_points():
    everywhere, ball = Ball(40.0, 0.35), Ball(40.0, 0.35)
    occupancy = occupancy_grid(ball, 24, CPU)
    near = skip_empty(ball, occupancy)
    ball.queries = 0
    whole, sparse = light(everywhere), light(near, silhouette(occupancy, CAMERAS, 1))
    torch.testing.assert_close(sparse.color, whole.color, rtol=0, atol=1e-6)
    torch.testing.assert_close(sparse.transmittance, whole.transmittance, rtol=0, atol=1e-6)
    assert ball.queries < 0.25 * everywhere.queries


def test_the_occupancy_grid_contains_the_ball_and_little_more():
    occupancy = occupancy_grid(Ball(40.0, 0.5), 32, CPU)
    line = torch.linspace(-1, 1, 32)
    radius = torch.cartesian_prod(line, line, line).norm(dim=1).reshape(32, 32, 32)
    assert occupancy[radius < 0.5].all()
    assert not occupancy[radius > 0.5 + 2 * 2 / 31 * 3**0.5].any()


def test_the_silhouette_contains_every_pixel_that_sees_the_ball_and_few_others():
    occupancy = occupancy_grid(Ball(40.0, 0.35), 48, CPU)
    may_hit = silhouette(occupancy, CAMERAS, 1)
    is_seen = light(Ball(40.0, 0.35)).transmittance < 1
    assert may_hit[is_seen].all()
    assert is_seen.any()
    assert may_hit.float().mean() < 3 * is_seen.float().mean()


def test_an_empty_cube_has_no_silhouette():
    occupancy = occupancy_grid(Ball(0.0, 0.5), 8, CPU)
    assert not occupancy.any()
    assert not silhouette(occupancy, CAMERAS, 0).any()


def test_no_call_gets_more_points_than_a_chunk_and_none_is_left_out():
    sizes = []

    def medium(points, directions):
        sizes.append(len(points))
        return torch.cat([points, directions[:, :2]], dim=1)

    points = torch.rand(1050, 3)
    values = in_chunks(medium, 100)(points, points)
    assert max(sizes) == 100
    assert sum(sizes) == 1050
    assert torch.equal(values, torch.cat([points, points[:, :2]], dim=1))
    assert in_chunks(medium, 100)(points[:0], points[:0]).shape == (0, 5)
