# SPDX-License-Identifier: GPL-3.0-or-later
import math

import numpy as np
import pytest
import torch

from blender_text3d.engine.shap_e.field import Field
from blender_text3d.engine.shap_e.rendering.nerf import Looks, light_of
from blender_text3d.engine.shap_e.rendering.occupancy import in_chunks
from blender_text3d.engine.shap_e.rendering.ray_samples import even_distances, likely_distances
from blender_text3d.engine.shap_e.rendering.rays import Rays, Span, camera_rays
from blender_text3d.engine.shap_e.rendering.turntable import Turntable
from blender_text3d.engine.shap_e.rendering.volume import light_along, seeded
from tests.engine.shap_e.rendering.made_from_names import recorded, small_decoder
from tests.engine.shap_e.rendering.media_of_known_light import RED, Fog

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
def test_the_same_random_numbers_give_the_official_pictures(official, case, kind):
    name, field = case
    cameras, draw = Turntable(size_px=16, is_closed=True).cameras(), seeded(7, CPU)
    looks = Looks(coarse=16, fine=32, sees_direction=kind == "directed")
    lights = [light_of(field.medium, camera_rays(cameras, index, CPU), looks, draw) for index in (1, 7)]
    left = torch.stack([light.transmittance for light in lights]).reshape(2, 16, 16)
    on_white = torch.stack([light.color + light.transmittance[:, None] for light in lights]).reshape(2, 16, 16, 3)
    assert np.abs(on_white.numpy() - official[f"nerf/{name}/{kind}/channels"]).max() < TOLERANCE
    assert np.abs(left.numpy() - official[f"nerf/{name}/{kind}/transmittance"]).max() < TOLERANCE


def test_fog_lets_through_what_beer_and_lambert_say_and_shows_its_colour_for_the_rest():
    light = light_of(Fog(0.7), AHEAD, Looks(8, 16), seeded(0, CPU))
    left = math.exp(-0.7 * 2)
    assert light.transmittance.tolist() == pytest.approx([left, 1.0], rel=1e-5)
    torch.testing.assert_close(light.color, torch.stack([(1 - left) * RED, torch.zeros(3)]))


def test_a_ray_that_misses_the_cube_asks_nothing_and_others_ask_no_point_twice():
    fog = Fog(0.7)
    light_of(fog, AHEAD, Looks(8, 16), seeded(0, CPU))
    assert fog.asked == 8 + 16


def test_a_ray_that_is_not_wanted_meets_nothing_and_changes_no_other_s_random_numbers():
    rays = Rays(torch.tensor([[0.0, -4.0, 0.0], [0.1, -4.0, 0.2]]), AHEAD.directions)
    both = light_of(Fog(0.7), rays, Looks(8, 16), seeded(0, CPU))
    second = light_of(Fog(0.7), rays, Looks(8, 16), seeded(0, CPU), torch.tensor([False, True]))
    assert second.transmittance[0] == 1 and second.transmittance[1] == both.transmittance[1]


def test_rays_that_all_miss_the_cube_or_are_not_wanted_bring_nothing(case):
    _, field = case
    for rays, is_wanted in ((AHEAD[1:], None), (AHEAD, torch.tensor([False, False]))):
        light = light_of(in_chunks(field.medium), rays, Looks(8, 16), seeded(0, CPU), is_wanted)
        assert (light.transmittance == 1).all() and not light.color.any()


def test_portions_and_chunks_change_nothing(case):
    _, field = case
    rays, looks = camera_rays(Turntable(size_px=12).cameras(), 2, CPU), Looks(8, 8)
    whole = light_of(field.medium, rays, looks, seeded(3, CPU))
    pieces = light_along(in_chunks(field.medium, 100), rays, looks, seeded(3, CPU))
    torch.testing.assert_close(pieces.color, whole.color, rtol=0, atol=1e-5)


def test_even_distances_lie_one_in_each_interval_however_the_numbers_fall():
    span = Span(torch.full((50, 1), 3.0), torch.full((50, 1), 5.0))
    distances = even_distances(span, torch.rand(50, 5, generator=torch.Generator().manual_seed(0)))
    edges = torch.tensor([3.0, 3.25, 3.75, 4.25, 4.75, 5.0])
    assert (distances >= edges[:-1]).all() and (distances <= edges[1:]).all()


def test_likely_distances_crowd_where_the_weight_is_and_spread_where_there_is_none():
    span = Span(torch.full((2, 1), 3.0), torch.full((2, 1), 5.0))
    first = torch.tensor([3.1, 3.5, 4.0, 4.5, 4.9]).expand(2, 5)
    weights = torch.tensor([[0, 0, 0.9, 0, 0], [0.0, 0, 0, 0, 0]])
    picks, places = torch.rand(2, 2, 400, generator=torch.Generator().manual_seed(1))
    crowded, spread = likely_distances(first, span, weights, picks, places)
    assert crowded.min() >= 3.75 and crowded.max() <= 4.25
    assert spread.min() < 3.1 and spread.max() > 4.9
    assert (crowded.diff() >= 0).all() and (spread.diff() >= 0).all()
