# SPDX-License-Identifier: GPL-3.0-or-later
"""Real sizes: every kind has one, and words for sizes change it."""

import pytest

from blender_text3d.prompts.real_sizes import REAL_SIZES_M, real_size_m
from blender_text3d.prompts.vocabulary import OBJECTS, read_vocabulary


def test_every_kind_of_the_small_models_has_a_size():
    assert set(REAL_SIZES_M) == set(read_vocabulary().groups[OBJECTS])
    assert all(0.001 <= size <= 1000 / 3 for size in REAL_SIZES_M.values())


@pytest.mark.parametrize("kind", sorted(REAL_SIZES_M))
def test_a_prompt_of_the_kind_has_its_size(kind):
    assert real_size_m(f"a red {kind}") == REAL_SIZES_M[kind]


@pytest.mark.parametrize(
    ("prompt", "size"),
    [("a red mug", 0.1), ("a house", 8.0), ("a tiny house", 4.0), ("a giant red mug", 0.3), ("a small chair", 0.665),
     ("a tall stool", 0.75), ("a mug with a big handle", 0.1), ("a big mug with a small handle", 0.14),
     ("ein roter Stuhl", 0.95), ("a cup", 0.1), ("a baby elephant", 6.0), ("a huge dragon", 16.0),
     ("three red chairs", 0.95)],
)  # fmt: skip
def test_words_for_the_whole_object_change_its_size(prompt, size):
    assert real_size_m(prompt) == pytest.approx(size)


@pytest.mark.parametrize("prompt", ["", "zorg", "something red", "💥"])
def test_what_is_not_known_has_no_size(prompt):
    assert real_size_m(prompt) is None


def test_a_stand_in_counts_only_where_the_model_draws_it(trained_model):
    assert real_size_m("a sofa") == 2.1
    assert real_size_m("a sofa", model="mini/point-e") == 0.95
    assert real_size_m("a dragon", model="mini/point-e") is None
    assert real_size_m("a sofa", model="mini/three-step") == 2.1
    assert real_size_m("a goblet") is not None
    assert real_size_m("a goblet", has_stand_ins=False) is None
    assert real_size_m("an avocado armchair", has_stand_ins=False) == 0.95
