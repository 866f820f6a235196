# SPDX-License-Identifier: GPL-3.0-or-later
"""The box of the visible pixels, and the square that is drawn around it."""

import numpy as np
import pytest
from PIL import Image

from blender_text3d.engine.image.framing import OBJECT_SHARE, frame_object, object_box

RED, WHITE = (255, 0, 0), (255, 255, 255)


def test_a_box_contains_all_visible_pixels_and_its_ends_are_exclusive():
    alpha = np.zeros((20, 30))
    alpha[4, 7], alpha[9, 25] = 0.5, 1.0
    assert object_box(alpha) == (7, 4, 26, 10)


@pytest.mark.parametrize(("value", "expected"), [(0.1, None), (0.101, (3, 2, 4, 3))])
def test_a_pixel_is_visible_above_a_tenth(value, expected):
    alpha = np.zeros((8, 8))
    alpha[2, 3] = value
    assert object_box(alpha) == expected


def test_the_box_of_a_full_image_is_the_image():
    assert object_box(np.ones((8, 5))) == (0, 0, 5, 8)


def picture(size, box):
    image = Image.new("RGB", size, WHITE)
    image.paste(RED, box)
    return image


@pytest.mark.parametrize("box", [(10, 20, 60, 30), (10, 20, 20, 70), (0, 0, 50, 50)])
def test_the_longer_side_of_the_box_spans_the_share_of_the_square_and_its_center_is_in_the_middle(box):
    framed = frame_object(picture((90, 80), box), box)
    assert framed.size == (72, 72)
    left, top, right, bottom = object_box((255 - np.asarray(framed)[..., 1]) / 255.0)
    assert (right - left, bottom - top) == (box[2] - box[0], box[3] - box[1])
    assert abs(left - (72 - right)) <= 1
    assert abs(top - (72 - bottom)) <= 1
    assert framed.getpixel((0, 0)) == WHITE


def test_the_share_is_that_of_the_training_images_or_another_one():
    assert pytest.approx(50 / 72) == OBJECT_SHARE
    assert frame_object(picture((90, 80), (0, 0, 50, 10)), (0, 0, 50, 10), share=0.5).size == (100, 100)
