# SPDX-License-Identifier: GPL-3.0-or-later
"""CLIP's own preparation of an image. The golden is of transformers 5.23's CLIPImageProcessorPil, Pillow 13."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from blender_text3d.engine.image.clip_preprocess import normalize_pixels, resize_and_crop

GOLDEN = np.load(Path(__file__).with_name("clip_input_golden.npz"))


def test_resizing_cropping_and_normalising_are_the_official_ones():
    view = resize_and_crop(Image.fromarray(GOLDEN["picture"]), size=28)
    np.testing.assert_allclose(normalize_pixels(view), GOLDEN["pixels"], atol=1e-6)


@pytest.mark.parametrize(("width", "height"), [(224, 224), (1000, 40), (40, 1000), (201, 333), (225, 224), (16, 16)])
def test_every_shape_becomes_a_square(width, height):
    assert resize_and_crop(Image.new("RGB", (width, height))).shape == (224, 224, 3)


@pytest.mark.parametrize(("wider", "first"), [(1, 0), (3, 2), (5, 2), (7, 4)])
def test_half_pixels_are_rounded_to_even_as_in_torchvision(wider, first):
    columns = np.arange(224 + wider, dtype=np.uint8)
    image = np.broadcast_to(columns[None, :, None], (224, 224 + wider, 3))
    assert resize_and_crop(Image.fromarray(image.copy()))[0, 0, 0] == first
