# SPDX-License-Identifier: GPL-3.0-or-later
"""Regions of one color on strips of faces, and their names."""

import numpy as np
import pytest

from blender_text3d.geometry.srgb import linear_from_srgb
from blender_text3d.scene.color_names import SRGB_BYTES, color_name, region_names
from blender_text3d.scene.color_regions import color_regions, oklab

RED, WHITE, BLACK, BLUE = (
    linear_from_srgb(np.float32(SRGB_BYTES[name]) / 255) for name in ("red", "white", "black", "blue")
)


def strip(count):
    """Return pairs of faces in a row."""
    return np.stack([np.arange(count - 1), np.arange(1, count)], -1).astype(np.int32)


def regions(colors, areas=None, **options):
    colors = np.asarray(colors, np.float32)
    areas = np.ones(len(colors), np.float32) if areas is None else np.float32(areas)
    return color_regions(np.stack([colors] * 3, axis=1), areas, strip(len(colors)), **options)


def blend(first, second, count):
    shares = np.linspace(0, 1, count + 2)[1:-1, None]
    return first + shares * (second - first)


def test_the_known_values_of_oklab():
    """White is (1, 0, 0), and red has a lightness of 0.628; values from the page of its author."""
    np.testing.assert_allclose(oklab(np.float32([[1, 1, 1]])), [[1, 0, 0]], atol=1e-4)
    np.testing.assert_allclose(oklab(np.float32([[1, 0, 0]])), [[0.628, 0.225, 0.126]], atol=1e-3)


def test_two_colors_are_two_regions_the_larger_first():
    labels = regions([*[WHITE] * 30, *[RED] * 70])
    np.testing.assert_array_equal(labels, [1] * 30 + [0] * 70)


@pytest.mark.parametrize("width", [1, 3, 8])
def test_interpolated_colors_at_a_border_make_no_region(width):
    labels = regions([*[RED] * 100, *blend(RED, WHITE, width), *[WHITE] * 100])
    assert set(labels) == {0, 1}
    assert (np.diff(labels) != 0).sum() == 1


def test_a_gradient_is_one_region():
    assert set(regions(blend(RED, BLUE, 500))) == {0}


def test_noise_makes_no_regions():
    noise = np.random.default_rng(1).normal(0, 0.01, (300, 3))
    assert set(regions(np.clip(RED + noise, 0, 1))) == {0}


def test_a_color_of_little_area_belongs_to_the_most_similar_one():
    colors = [*[RED] * 500, *[BLACK] * 3, *[WHITE] * 500]
    assert set(regions(colors)) == {0, 1}
    assert set(regions(colors, [1] * 500 + [20] * 3 + [1] * 500)) == {0, 1, 2}
    assert set(regions(colors[100:], min_share=0.45)) == {0}


def test_speckles_belong_to_what_is_around_them():
    colors = np.array([RED] * 1000 + [WHITE] * 1000)
    colors[500] = WHITE
    labels = regions(colors)
    assert labels[500] == labels[499]


def test_meshes_without_faces_area_or_neighbors_have_regions():
    assert len(color_regions(np.zeros((0, 3, 3)), np.zeros(0), np.zeros((0, 2), np.int32))) == 0
    assert set(regions([RED, WHITE], [0, 0])) == {0, 1}
    assert list(color_regions(np.stack([[RED] * 3]), np.ones(1, np.float32), np.zeros((0, 2), np.int32))) == [0]


def test_many_coarse_faces_across_a_border_make_no_region():
    """A third and two thirds of the way are the colors of the faces whose corners lie on both sides."""
    flat, across = [[RED] * 3] * 60 + [[WHITE] * 3] * 60, [[RED + (WHITE - RED) / 3, RED, WHITE]] * 20
    colors = np.float32([*flat[:60], *across, *flat[60:]])
    labels = color_regions(colors, np.ones(len(colors), np.float32), strip(len(colors)))
    assert set(labels) == {0, 1}
    assert set(labels[:60]) == {labels[60]}


def test_every_named_color_has_its_name():
    for name in ("red", "green", "blue", "black", "white", "brown"):
        assert color_name(linear_from_srgb(np.float32(SRGB_BYTES[name]) / 255)) == name


@pytest.mark.parametrize(
    ("colors", "by_color", "main", "names"),
    [
        ((RED, WHITE), (("red", "chair"), ("white", "legs")), "chair", ["chair", "legs"]),
        ((WHITE, RED), (("white", "legs"),), "chair", ["legs", "chair"]),
        ((RED, WHITE, BLUE), (("white", "legs"),), "chair", ["chair", "legs", "blue"]),
        ((RED, BLACK), (("white", "legs"),), "chair", ["chair", "black"]),
        ((RED, WHITE), (), "", ["red", "white"]),
        ((RED, RED * 0.9), (("red", "seat"),), "", ["seat", "red"]),
    ],
)
def test_regions_are_named_after_the_words_of_the_prompt_or_their_colors(colors, by_color, main, names):
    assert region_names(np.stack(colors), by_color, main) == names
