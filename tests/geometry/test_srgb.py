# SPDX-License-Identifier: GPL-3.0-or-later
"""Conversion between sRGB and linear light: the standard's curve, its straight part and its ends."""

import numpy as np
import pytest

from blender_text3d.geometry.srgb import linear_from_srgb, srgb_from_linear

# sRGB and linear light, computed with 30 digits from the formulas of IEC 61966-2-1.
PAIRS = np.array(
    [
        (0.0, 0.0),
        (0.02, 0.0015479876),
        (0.04, 0.0030959752),
        (0.045, 0.0035010160),
        (0.06, 0.0048963101),
        (0.2, 0.0331047666),
        (0.5, 0.2140411405),
        (0.8, 0.6038273389),
        (1.0, 1.0),
    ]
)


def test_linear_and_srgb_are_inverses_for_every_byte():
    srgb = np.arange(256, dtype=np.float32) / 255
    back = srgb_from_linear(linear_from_srgb(srgb))
    assert back.dtype == np.float32
    np.testing.assert_array_equal(np.rint(back * 255), np.arange(256))


def test_half_of_the_light_is_an_srgb_value_of_0735():
    np.testing.assert_allclose(srgb_from_linear(np.array([0.0, 0.5, 1.0, 2.0])), [0, 0.7353569, 1, 1], rtol=1e-5)


def test_known_values_are_converted_in_both_directions():
    srgb, linear = PAIRS.T
    np.testing.assert_allclose(linear_from_srgb(srgb), linear, rtol=1e-6)
    np.testing.assert_allclose(srgb_from_linear(linear), srgb, rtol=1e-6)


@pytest.mark.parametrize("convert", [linear_from_srgb, srgb_from_linear])
def test_values_beyond_black_and_white_become_black_and_white(convert):
    with np.errstate(all="raise"):
        converted = convert(np.array([[-1.0, -0.01], [1.01, 9.0]], np.float32))
    assert converted.tolist() == [[0.0, 0.0], [1.0, 1.0]]
    assert converted.dtype == np.float32


@pytest.mark.parametrize(("convert", "end"), [(linear_from_srgb, 0.04045), (srgb_from_linear, 0.0031308)])
def test_the_straight_part_ends_where_the_standard_says(convert, end):
    factor = 1 / 12.92 if convert is linear_from_srgb else 12.92
    at, beyond = convert(np.array([end, end * 1.02]))
    assert at == pytest.approx(end * factor, rel=1e-12)
    assert beyond != pytest.approx(end * 1.02 * factor, rel=1e-4)
