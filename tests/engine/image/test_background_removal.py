# SPDX-License-Identifier: GPL-3.0-or-later
"""Plain backgrounds: their color at every pixel, and the object's share of each pixel."""

import numpy as np
import pytest

from blender_text3d.engine.image.background_removal import estimate_background, foreground_alpha

GRAY = np.full((120, 160, 3), 100.0)


def with_box(rgb, top, bottom, left, right, color=(200.0, 40.0, 30.0)):
    result = rgb.copy()
    result[top:bottom, left:right] = color
    return result


def test_a_plain_background_has_its_color_everywhere_also_behind_the_object():
    background = estimate_background(with_box(GRAY, 30, 90, 40, 120))
    assert background.shape == (120, 160, 3)
    np.testing.assert_allclose(background, 100.0, atol=1e-6)


def test_a_quadratic_gradient_is_followed_and_kept_in_range():
    y, x = np.mgrid[-1:1:120j, -1:1:160j]
    gradient = (235 + 10 * x - 8 * y + 6 * x * x - 5 * y * y + 4 * x * y)[..., None] * np.ones(3)
    np.testing.assert_allclose(estimate_background(with_box(gradient, 30, 90, 40, 120)), gradient, atol=1e-6)
    steep = (235 + 15 * x)[..., None] * np.ones(3) + 5 * (x**2)[..., None]
    assert estimate_background(steep + 5).max() <= 255.0


@pytest.mark.parametrize(("covered", "is_plain"), [(0.24, True), (0.27, False)])
def test_a_quarter_of_the_border_may_be_covered(covered, is_plain):
    frame = 2 * (120 + 160)
    rgb = with_box(GRAY, 0, 4, 0, int(covered * frame))
    if covered * frame > 160:
        rgb = with_box(GRAY, 0, 4, 0, 160)
        rgb = with_box(rgb, 0, int(covered * frame) - 160, 0, 4)
    assert (estimate_background(rgb) is not None) is is_plain


@pytest.mark.parametrize(("difference", "is_plain"), [(15.0, True), (22.0, False)])
def test_noise_of_the_border_must_be_small(difference, is_plain):
    noise = np.random.default_rng(0).choice([-difference, difference], (120, 160, 1))
    assert (estimate_background(np.clip(GRAY + noise, 0, 255)) is not None) is is_plain


def alpha_of(rgb):
    return foreground_alpha(rgb, np.full_like(rgb, 100.0))


def test_an_object_is_opaque_and_its_background_transparent():
    alpha = alpha_of(with_box(GRAY, 30, 90, 40, 120))
    expected = np.zeros((120, 160))
    expected[30:90, 40:120] = 1
    np.testing.assert_allclose(alpha, expected, atol=1e-9)


@pytest.mark.parametrize(("channel", "expected"), [(120.0, 0), (121.0, 1)])
def test_one_channel_that_differs_by_more_than_20_is_an_object(channel, expected):
    assert alpha_of(with_box(GRAY, 30, 90, 40, 120, (100.0, channel, 100.0)))[60, 80] == expected


@pytest.mark.parametrize(("side", "expected"), [(9, 1), (10, 0)])
def test_a_hole_is_background_from_a_two_hundredth_of_the_image_on(side, expected):
    """The image has 19,200 pixels, so that a hole needs 96."""
    rgb = with_box(with_box(GRAY, 30, 90, 40, 120), 50, 50 + side, 60, 60 + side, (100.0, 100.0, 100.0))
    assert round(alpha_of(rgb)[54, 64]) == expected


@pytest.mark.parametrize(("difference", "expected"), [(10.0, 0), (11.0, 1)])
def test_a_hole_must_be_nearer_to_the_backgrounds_color_than_the_outside(difference, expected):
    color = (100.0 + difference, 100.0, 100.0)
    rgb = with_box(with_box(GRAY, 30, 90, 40, 120), 40, 80, 50, 110, color)
    assert bool(alpha_of(rgb)[60, 80]) == bool(expected)


@pytest.mark.parametrize(("side", "is_kept"), [(3, False), (4, True)])
def test_parts_below_a_five_hundredth_of_the_largest_are_noise(side, is_kept):
    """The largest part has 4,800 pixels, so that another one needs more than 9.6."""
    rgb = with_box(with_box(GRAY, 30, 90, 40, 120), 5, 5 + side, 5, 5 + side)
    assert bool(alpha_of(rgb)[6, 6]) is is_kept


@pytest.mark.parametrize(("width", "height", "is_kept"), [(4, 2, False), (3, 3, True)])
def test_a_part_of_eight_pixels_is_noise_however_small_the_object_is(width, height, is_kept):
    rgb = with_box(with_box(GRAY, 30, 55, 40, 80), 5, 5 + height, 5, 5 + width)
    assert bool(alpha_of(rgb)[6, 6]) is is_kept


def test_a_part_that_touches_the_largest_at_a_corner_belongs_to_it():
    rgb = with_box(with_box(GRAY, 30, 90, 40, 120), 28, 30, 38, 40)
    assert alpha_of(rgb)[29, 39] > 0


def test_a_pixel_at_the_edge_has_the_share_of_its_color():
    rgb = with_box(GRAY, 30, 90, 40, 120)
    rgb[30:90, 40] = GRAY[0, 0] + 0.5 * (np.array([200.0, 40.0, 30.0]) - GRAY[0, 0])
    rgb[30:90, 119] = GRAY[0, 0] + 0.25 * (np.array([200.0, 40.0, 30.0]) - GRAY[0, 0])
    alpha = alpha_of(rgb)
    np.testing.assert_allclose(alpha[40:80, 40], 0.5, atol=1e-6)
    np.testing.assert_allclose(alpha[40:80, 119], 0.25, atol=1e-6)
    assert alpha[60, 42] == 1


def test_an_object_too_thin_for_soft_edges_is_opaque():
    alpha = alpha_of(with_box(GRAY, 30, 90, 40, 43))
    assert set(np.unique(alpha)) == {0.0, 1.0}
    assert alpha[60, 41] == 1
