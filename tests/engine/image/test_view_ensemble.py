# SPDX-License-Identifier: GPL-3.0-or-later
"""Several looks at one picture give one set of answers."""

import numpy as np
import pytest
import torch

from blender_text3d.engine.image.clip_preprocess import clip_pixels
from blender_text3d.engine.image.small_tower import Answers
from blender_text3d.engine.image.view_ensemble import PLACES, consensus, middle_of, views_of


def noise(side):
    return np.random.default_rng(0).integers(0, 255, (side, side, 3), dtype=np.uint8)


def test_the_middle_of_a_view_is_its_middle_and_a_place_lies_down_and_right_of_it():
    view = np.arange(8 * 8 * 3, dtype=np.uint8).reshape(8, 8, 3)
    assert np.array_equal(middle_of(view, 4), view[2:6, 2:6])
    assert np.array_equal(middle_of(view, 4, (1, -2)), view[3:7, 0:4])


@pytest.mark.parametrize("place", [(3, 0), (0, -3)])
def test_a_place_outside_the_view_is_refused(place):
    with pytest.raises(ValueError, match="do not lie in a view of 8"):
        middle_of(noise(8), 4, place)


def test_the_first_look_is_at_the_middle_and_every_second_one_mirrored():
    view = noise(12)
    looks = views_of(view, 8)
    assert looks.shape == (10, 3, 8, 8) and torch.equal(looks[0], clip_pixels(view[2:10, 2:10]))
    assert torch.equal(looks[1::2], looks[::2].flip(3))


def test_no_two_looks_are_the_same_and_together_they_favour_no_side():
    looks = views_of(noise(12), 8).flatten(1)
    assert len(looks.unique(dim=0)) == 2 * len(PLACES)
    assert np.sum(PLACES, axis=0).tolist() == [0, 0]


def test_answers_are_the_mean_of_those_to_all_looks():
    category, color = torch.zeros(10, 3), torch.zeros(10, 2, 4)
    category[:4, 0], category[4:, 1] = 50.0, 9.0
    color[:9, :, 3], color[9:, :, 1] = 1.0, 5.0
    found = consensus(Answers(category, torch.zeros(10, 2), torch.arange(20.0).view(10, 2), color))
    assert [len(values) for values in vars(found).values()] == [1, 1, 1, 1]
    assert found.category.exp()[0] == pytest.approx([0.4, 0.6, 0.0], abs=1e-3)
    assert found.color.argmax(2).tolist() == [[3, 3]] and found.visible.tolist() == [[9.0, 10.0]]
