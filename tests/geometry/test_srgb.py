# SPDX-License-Identifier: GPL-3.0-or-later
import numpy as np

from blender_text3d.geometry.srgb import linear_from_srgb, srgb_from_linear


def test_linear_and_srgb_are_inverses_for_every_byte():
    srgb = np.arange(256, dtype=np.float32) / 255
    back = srgb_from_linear(linear_from_srgb(srgb))
    assert back.dtype == np.float32
    np.testing.assert_array_equal(np.rint(back * 255), np.arange(256))


def test_half_of_the_light_is_an_srgb_value_of_0735():
    np.testing.assert_allclose(srgb_from_linear(np.array([0.0, 0.5, 1.0, 2.0])), [0, 0.7353569, 1, 1], rtol=1e-5)
