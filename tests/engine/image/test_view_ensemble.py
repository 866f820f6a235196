# SPDX-License-Identifier: GPL-3.0-or-later
"""The outputs of several views are averaged to one."""

import numpy as np
import pytest
import torch

from blender_text3d.engine.image.clip_preprocess import normalize_pixels
from blender_text3d.engine.image.mini_image_tower import TowerOutput
from blender_text3d.engine.image.view_ensemble import OFFSETS, center_crop, consensus, views_of


def noise(side):
    return np.random.default_rng(0).integers(0, 255, (side, side, 3), dtype=np.uint8)


def test_a_crop_is_centered_and_its_offset_is_down_and_right():
    view = np.arange(8 * 8 * 3, dtype=np.uint8).reshape(8, 8, 3)
    assert np.array_equal(center_crop(view, 4), view[2:6, 2:6])
    assert np.array_equal(center_crop(view, 4, (1, -2)), view[3:7, 0:4])


@pytest.mark.parametrize("offset", [(3, 0), (0, -3)])
def test_a_crop_outside_the_view_is_refused(offset):
    with pytest.raises(ValueError, match="exceeds a view of 8"):
        center_crop(noise(8), 4, offset)


def test_the_first_view_is_centered_and_every_second_one_mirrored():
    view = noise(12)
    views = views_of(view, 8)
    assert views.shape == (10, 3, 8, 8)
    assert torch.equal(views[0], normalize_pixels(view[2:10, 2:10]))
    assert torch.equal(views[1::2], views[::2].flip(3))


def test_no_two_views_are_equal_and_their_offsets_sum_to_zero():
    views = views_of(noise(12), 8).flatten(1)
    assert len(views.unique(dim=0)) == 2 * len(OFFSETS)
    assert np.sum(OFFSETS, axis=0).tolist() == [0, 0]


def test_the_consensus_is_the_mean_of_all_views():
    category, color = torch.zeros(10, 3), torch.zeros(10, 2, 4)
    category[:4, 0], category[4:, 1] = 50.0, 9.0
    color[:9, :, 3], color[9:, :, 1] = 1.0, 5.0
    found = consensus(
        TowerOutput(category, torch.zeros(10, 2), torch.arange(20.0).view(10, 2), color, torch.arange(10.0))
    )
    assert [len(values) for values in vars(found).values()] == [1, 1, 1, 1, 1]
    assert found.category.exp()[0] == pytest.approx([0.4, 0.6, 0.0], abs=1e-3)
    assert found.color.argmax(2).tolist() == [[3, 3]]
    assert found.visible.tolist() == [[9.0, 10.0]]
    assert found.known.tolist() == [4.5]
