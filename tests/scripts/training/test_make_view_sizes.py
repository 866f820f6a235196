# SPDX-License-Identifier: GPL-3.0-or-later
"""The sheet of images as CLIP sees them."""

import numpy as np
import pytest
from PIL import Image

from scripts.training.images.make_view_sizes import as_clip_sees, difference


@pytest.mark.parametrize("side", [64, 256])
def test_images_of_any_size_are_shown_at_the_size_that_clip_sees(side):
    assert as_clip_sees(Image.new("RGB", (side, side), (9, 80, 200))).shape == (224, 224, 3)


def test_64_pixels_lose_edges_and_nothing_else():
    large = np.zeros((256, 256, 3), np.uint8)
    large[:, 99:] = 255
    small = Image.fromarray(large).resize((64, 64), Image.Resampling.BOX)
    seen = as_clip_sees(Image.fromarray(large)), as_clip_sees(small)
    mean, clear = difference(*seen)
    assert difference(seen[0], seen[0]) == (0, 0)
    assert 0 < mean < 3
    assert 0 < clear < 0.03
    assert np.array_equal(seen[0][:, :70], seen[1][:, :70])
