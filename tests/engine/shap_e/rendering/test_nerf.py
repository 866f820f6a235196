# SPDX-License-Identifier: GPL-3.0-or-later
import math

import numpy as np
import pytest
import torch

from blender_text3d.engine.shap_e.field import Field
from blender_text3d.engine.shap_e.rendering.nerf import SampleCounts, render_rays
from blender_text3d.engine.shap_e.rendering.occupancy import in_chunks
from blender_text3d.engine.shap_e.rendering.ray_samples import importance_distances, stratified_distances
from blender_text3d.engine.shap_e.rendering.rays import Rays, Span, camera_rays
from blender_text3d.engine.shap_e.rendering.turntable import Turntable
from blender_text3d.engine.shap_e.rendering.volume import render_ray_batches, seeded_uniform
from tests.engine.shap_e.rendering.known_media import RED, Fog
from tests.engine.shap_e.rendering.recorded_decoder import recorded, small_decoder

CPU = torch.device("cpu")
TOLERANCE = 1e-4
AHEAD = Rays(torch.tensor([[0.0, -4.0, 0.0], [0.0, -4.0, 1.5]]), torch.tensor([[0.0, 1.0, 0.0]]).expand(2, 3))


@pytest.fixture(scope="module")
def official():
    return recorded("official_nerf.npz")


@pytest.fixture(scope="module", params=["thin", "opaque"])
def case(request, official):
    """(name, field) of a recorded case."""
    decoder = small_decoder()
    decoder.renderer["nerstf"].mlp[6].weight[1:3] *= {"thin": 1.0, "opaque": 40.0}[request.param]
    return request.param, Field(decoder, torch.from_numpy(official["latent"]))


@pytest.mark.parametrize("kind", ["plain", "directed"])
def test_the_same_random_numbers_give_the_official_images(official, case, kind):
    name, field = case
    cameras, draw = Turntable(size_px=16, is_closed=True).cameras(), seeded_uniform(7, CPU)
    samples = SampleCounts(coarse=16, fine=32, uses_direction=kind == "directed")
    lights = [render_rays(field.medium, camera_rays(cameras, index, CPU), samples, draw) for index in (1, 7)]
    left = torch.stack([light.transmittance for light in lights]).reshape(2, 16, 16)
    on_white = torch.stack([light.color + light.transmittance[:, None] for light in lights]).reshape(2, 16, 16, 3)
    assert np.abs(on_white.numpy() - official[f"nerf/{name}/{kind}/channels"]).max() < TOLERANCE
    assert np.abs(left.numpy() - official[f"nerf/{name}/{kind}/transmittance"]).max() < TOLERANCE


def test_fog_transmits_by_the_beer_lambert_law_and_shows_its_color_for_the_rest():
    light = render_rays(Fog(0.7), AHEAD, SampleCounts(8, 16), seeded_uniform(0, CPU))
    left = math.exp(-0.7 * 2)
    assert light.transmittance.tolist() == pytest.approx([left, 1.0], rel=1e-5)
    torch.testing.assert_close(light.color, torch.stack([(1 - left) * RED, torch.zeros(3)]))


def test_a_ray_that_misses_the_cube_needs_no_query_and_others_query_no_point_twice():
    fog = Fog(0.7)
    render_rays(fog, AHEAD, SampleCounts(8, 16), seeded_uniform(0, CPU))
    assert fog.queries == 8 + 16


def test_a_masked_ray_hits_nothing_and_keeps_the_random_numbers_of_the_others():
    rays = Rays(torch.tensor([[0.0, -4.0, 0.0], [0.1, -4.0, 0.2]]), AHEAD.directions)
    both = render_rays(Fog(0.7), rays, SampleCounts(8, 16), seeded_uniform(0, CPU))
    second = render_rays(Fog(0.7), rays, SampleCounts(8, 16), seeded_uniform(0, CPU), torch.tensor([False, True]))
    assert second.transmittance[0] == 1
    assert second.transmittance[1] == both.transmittance[1]


def test_rays_that_all_miss_the_cube_or_are_masked_are_black(case):
    _, field = case
    for rays, may_hit in ((AHEAD[1:], None), (AHEAD, torch.tensor([False, False]))):
        light = render_rays(in_chunks(field.medium), rays, SampleCounts(8, 16), seeded_uniform(0, CPU), may_hit)
        assert (light.transmittance == 1).all()
        assert not light.color.any()


def test_ray_batches_and_chunks_change_nothing(case):
    _, field = case
    rays, samples = camera_rays(Turntable(size_px=12).cameras(), 2, CPU), SampleCounts(8, 8)
    whole = render_rays(field.medium, rays, samples, seeded_uniform(3, CPU))
    pieces = render_ray_batches(in_chunks(field.medium, 100), rays, samples, seeded_uniform(3, CPU))
    torch.testing.assert_close(pieces.color, whole.color, rtol=0, atol=1e-5)


def test_stratified_distances_are_one_in_each_interval_for_any_random_numbers():
    span = Span(torch.full((50, 1), 3.0), torch.full((50, 1), 5.0))
    distances = stratified_distances(span, torch.rand(50, 5, generator=torch.Generator().manual_seed(0)))
    edges = torch.tensor([3.0, 3.25, 3.75, 4.25, 4.75, 5.0])
    assert (distances >= edges[:-1]).all()
    assert (distances <= edges[1:]).all()


def test_importance_distances_concentrate_at_the_weight_and_are_even_without_one():
    span = Span(torch.full((2, 1), 3.0), torch.full((2, 1), 5.0))
    first = torch.tensor([3.1, 3.5, 4.0, 4.5, 4.9]).expand(2, 5)
    weights = torch.tensor([[0, 0, 0.9, 0, 0], [0.0, 0, 0, 0, 0]])
    picks, offsets = torch.rand(2, 2, 400, generator=torch.Generator().manual_seed(1))
    weighted, even = importance_distances(first, span, weights, picks, offsets)
    assert weighted.min() >= 3.75
    assert weighted.max() <= 4.25
    assert even.min() < 3.1
    assert even.max() > 4.9
    assert (weighted.diff() >= 0).all()
    assert (even.diff() >= 0).all()
