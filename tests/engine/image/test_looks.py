# SPDX-License-Identifier: GPL-3.0-or-later
"""Several looks at one picture give one set of answers."""

import numpy as np
import torch

from blender_text3d.engine.image.clip_input import clip_pixels
from blender_text3d.engine.image.looks import agreed, looks_at
from blender_text3d.engine.image.mini_tower import Answers


def test_the_first_look_is_at_the_picture_itself_and_every_second_one_mirrored():
    view = np.random.default_rng(0).integers(0, 255, (8, 8, 3), dtype=np.uint8)
    looks = looks_at(view)
    assert looks.shape == (6, 3, 8, 8) and torch.equal(looks[0], clip_pixels(view))
    assert torch.equal(looks[1::2], looks[::2].flip(3))


def test_colours_are_exchanged_each_for_another():
    looks = looks_at(np.broadcast_to(np.array([200, 100, 0], np.uint8), (4, 4, 3)).copy())
    strongest = [int(np.argmax(look[:, 0, 0].numpy())) for look in looks[::2]]
    assert sorted(strongest) == [0, 1, 2]


def test_all_looks_say_the_kind_and_only_those_in_its_own_colours_the_colours():
    category, color = torch.zeros(6, 3), torch.zeros(6, 2, 4)
    category[:2, 0], category[2:, 1] = 2.0, 9.0
    color[:2, :, 3], color[2:, :, 1] = 1.0, 50.0
    found = agreed(Answers(category, torch.zeros(6, 2), torch.arange(12.0).view(6, 2), color))
    assert [len(values) for values in vars(found).values()] == [1, 1, 1, 1]
    assert found.category.argmax() == 1 and torch.isclose(found.category.exp().sum(), torch.tensor(1.0))
    assert found.color.argmax(2).tolist() == [[3, 3]] and found.visible.tolist() == [[1.0, 2.0]]
