# SPDX-License-Identifier: GPL-3.0-or-later
"""Pictures of other things for the training of the image tower."""

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw

from scripts.training.images.flat_pictures import SIDE, alpha_of, flat_picture, outline, placed, random_drawing
from scripts.training.train.known_objects import fit, with_threshold


@pytest.fixture
def mask():
    image = Image.new("L", (90, 50))
    ImageDraw.Draw(image).ellipse((20, 10, 60, 40), fill=255)
    return image


def test_a_mask_is_scaled_and_placed_near_the_center(mask):
    for seed in range(10):
        left, top, right, bottom = placed(mask, np.random.default_rng(seed)).getbbox()
        assert 115 <= right - left <= 226
        assert abs(left + right - SIDE) <= 22
        assert abs(top + bottom - SIDE) <= 22


def test_an_empty_mask_has_no_place(mask):
    assert placed(Image.new("L", (40, 40)), np.random.default_rng(0)) is None


def test_a_flat_picture_has_one_color_inside_and_another_outside(mask):
    for seed in range(10):
        rng = np.random.default_rng(seed)
        square = placed(mask, rng)
        pixels, inside = np.asarray(flat_picture(square, rng)), np.asarray(square)
        assert len(np.unique(pixels[inside == 255], axis=0)) == 1
        assert len(np.unique(pixels[inside == 0], axis=0)) == 1


def test_an_outline_is_hollow(mask):
    assert outline(mask, np.random.default_rng(0)).getpixel((40, 25)) == 0
    assert outline(mask, np.random.default_rng(0)).getbbox()


def test_drawings_differ_and_leave_a_margin():
    rng = np.random.default_rng(0)
    drawings = [np.asarray(random_drawing(rng)) for _ in range(8)]
    assert len({drawing.tobytes() for drawing in drawings}) == 8
    assert all((drawing[:4] == 255).all() and (drawing[:, :4] == 255).all() for drawing in drawings)
    assert max(len(np.unique(drawing.reshape(-1, 3), axis=0)) for drawing in drawings) > 2


def test_only_pictures_with_a_transparent_ground_have_a_mask(tmp_path, mask):
    cut_out = Image.merge("RGBA", [mask, mask, mask, mask])
    cut_out.save(tmp_path / "cut.png")
    cut_out.convert("RGB").save(tmp_path / "opaque.png")
    (tmp_path / "broken.png").write_bytes(b"no picture")
    assert np.array_equal(alpha_of(tmp_path / "cut.png"), mask)
    assert alpha_of(tmp_path / "opaque.png") is None
    assert alpha_of(tmp_path / "broken.png") is None


def test_sets_of_other_things_count_equally_whatever_their_size():
    generator = torch.Generator().manual_seed(0)
    known = torch.randn(200, 2, generator=generator) + torch.tensor([2.0, 2.0])
    many = torch.randn(2000, 2, generator=generator) - torch.tensor([0.0, 2.0])
    few = torch.randn(20, 2, generator=generator) - torch.tensor([2.0, 0.0])
    weight, bias = fit(known, [many, few])
    bias = with_threshold(weight, bias, known)
    assert ((known @ weight + bias) >= 0).float().mean() > 0.95
    assert ((few @ weight + bias) >= 0).float().mean() < 0.5
    assert ((many @ weight + bias) >= 0).float().mean() < 0.1
