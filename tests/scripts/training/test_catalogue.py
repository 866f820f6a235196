# SPDX-License-Identifier: GPL-3.0-or-later
"""Training shapes: one solid each, colored as captioned, described in the vocabulary."""

import numpy as np
import pytest
from scipy.ndimage import label

from blender_text3d.engine.mini.files import VOCABULARY
from blender_text3d.prompts.reader import MAX_TOKENS, cached_reading
from blender_text3d.prompts.vocabulary import Vocabulary
from scripts.training.data.captions import (
    caption,
    describe,
    natural_colors,
    proportions_of,
    remove_hidden_details,
    role_colors,
    role_words,
)
from scripts.training.data.catalogue import CATEGORIES, is_held_out, pairs
from scripts.training.data.colors import COLORS, color_class, tint
from scripts.training.data.kinds import ALL_KINDS
from scripts.training.data.point_sampling import HALF_SIDE, Solid, sample
from scripts.training.data.vocabulary import vocabulary as gathered_vocabulary

LATTICE = np.linspace(-1, 1, 44)
MARGIN = 0.1
"""Of the lattice around a shape's points, in model space: two cells and more than what counts as inside."""


def make_solid(category, seed, size=""):
    rng = np.random.default_rng(seed)
    description = describe(category, "red", rng)
    colors = role_colors(role_words(description, rng), rng)
    return Solid(category.build(rng, proportions_of(size, rng)), colors, rng), description, rng


def test_all_learned_categories_are_in_the_catalogue():
    assert [category.name for category in CATEGORIES] == ALL_KINDS
    assert len(CATEGORIES) >= 36


@pytest.mark.parametrize("category", CATEGORIES, ids=lambda category: category.name)
def test_a_shape_is_one_solid_of_known_roles_that_fills_the_cube(category):
    for seed, size in enumerate(("", "tall")):
        solid, _, rng = make_solid(category, seed, size)
        assert {part.role for part in solid.parts} <= {"main", *category.accents}
        points, _ = solid.surface(1000, rng)
        bounds = zip(points.min(0) - MARGIN, points.max(0) + MARGIN, strict=True)
        axes = [LATTICE[(low < LATTICE) & (high > LATTICE)] for low, high in bounds]
        lattice = np.stack(np.meshgrid(*axes, indexing="ij"), -1)
        inside = (solid.distances(lattice.reshape(-1, 3)).min(0) < 0.02).reshape(lattice.shape[:3])
        assert label(inside, np.ones((3, 3, 3)))[1] == 1
        assert np.ptp(points, axis=0).max() == pytest.approx(2 * HALF_SIDE, rel=0.06)


@pytest.mark.parametrize("category", CATEGORIES, ids=lambda category: category.name)
def test_every_caption_uses_only_words_of_the_included_vocabulary(category):
    vocabulary, rng = Vocabulary.read(VOCABULARY), np.random.default_rng(3)
    for color in COLORS:
        text = caption(describe(category, color, rng), rng)
        reading = cached_reading(text, vocabulary)
        assert reading.unknown == reading.nothing == reading.others == (), text
        assert category.name in reading.tokens


@pytest.mark.parametrize("category", CATEGORIES, ids=lambda category: category.name)
def test_every_caption_is_read_as_in_training(category):
    vocabulary, rng = Vocabulary.read(VOCABULARY), np.random.default_rng(4)
    captions = [caption(describe(category, color, rng), rng) for color in COLORS for _ in range(5)]
    for text in captions:
        if "orange tree" not in " ".join(text.split()):  # a tree that bears oranges, to a person
            assert cached_reading(text, vocabulary).tokens == vocabulary.tokens(text)[:MAX_TOKENS], text


def test_the_included_vocabulary_is_that_of_the_catalog():
    shipped = Vocabulary.read(VOCABULARY)
    assert shipped.groups == {name: tuple(words) for name, words in gathered_vocabulary()["groups"].items()}


def test_a_captioned_color_is_the_color_of_its_part():
    chair = CATEGORIES[0]
    rng = np.random.default_rng(0)
    described = next(d for d in (describe(chair, "blue", rng) for _ in range(100)) if "legs" in d.accents)
    expected = np.array(tint(described.accents["legs"][1])) / 255
    colors = role_colors(role_words(described, rng), rng)
    assert np.abs(colors["legs"] - expected).max() < 0.08


def test_a_caption_names_only_visible_parts_and_leaves_some_of_the_main_color():
    category, rng = next(c for c in CATEGORIES if c.name == "chair"), np.random.default_rng(1)
    described = next(d for d in (describe(category, "blue", rng) for _ in range(100)) if len(d.accents) == 2)
    first, second = described.accents
    assert set(remove_hidden_details(described, {first: 0.2, second: 0.3, "seat": 0.5}).accents) == {first, second}
    assert set(remove_hidden_details(described, {first: 0.4, second: 0.3}).accents) == {first}
    assert set(remove_hidden_details(described, {first: 0.7, second: 0.3}).accents) == {second}
    assert remove_hidden_details(described, {"main": 1.0}).accents == {}


def test_a_caption_without_a_main_color_has_a_natural_color_of_the_training_split():
    pine, rng = next(c for c in CATEGORIES if c.name == "pine"), np.random.default_rng(2)
    colorless = [d for d in (describe(pine, "red", rng) for _ in range(200)) if not d.main]
    assert colorless
    assert {d.hidden_main for d in colorless} <= set(natural_colors(pine))
    for category in CATEGORIES:
        assert not any(is_held_out(category.name, color_class(word)) for word in natural_colors(category))


@pytest.mark.parametrize("category", CATEGORIES, ids=lambda category: category.name)
def test_an_uncaptioned_part_has_a_contrasting_default_color_if_possible(category):
    rng = np.random.default_rng(3)
    for color in COLORS:
        description = describe(category, color, rng)
        colors = role_words(description, rng)
        for role, (_, defaults) in category.accents.items():
            others = [word for word in defaults or () if color_class(word) != description.color_class]
            if role not in description.accents:
                assert colors[role] in (others or [description.hidden_main])


def test_a_sample_has_points_on_the_surface_and_distances_of_both_signs():
    solid, _, rng = make_solid(CATEGORIES[0], 5)
    drawn = sample(solid, rng)
    assert np.abs(solid.distances(drawn.points).min(0)).max() < 0.01
    assert (drawn.distances < 0).any()
    assert (drawn.distances > 0).any()
    assert drawn.points.shape == (1024, 3)
    assert drawn.queries.shape == (2048, 3)


def test_the_same_seed_makes_the_same_shape():
    first, second = (sample(*make_solid(CATEGORIES[12], 9)[::2]) for _ in range(2))
    assert np.array_equal(first.points, second.points)
    assert np.array_equal(first.distances, second.distances)


def test_about_a_fifth_of_all_pairs_is_held_out_and_every_category_keeps_some():
    held, seen = pairs(True), pairs(False)
    assert 0.15 < len(held) / (len(held) + len(seen)) < 0.25
    assert {name for name, _ in seen} == set(ALL_KINDS)
    assert all(is_held_out(*pair) for pair in held)
    assert not any(is_held_out(*pair) for pair in seen)
