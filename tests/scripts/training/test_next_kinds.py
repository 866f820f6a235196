# SPDX-License-Identifier: GPL-3.0-or-later
"""The kinds that the second training added: one solid each, in words that belong to one kind; the first ones stay."""

import csv
import json

import numpy as np
import pytest

from blender_text3d.engine.mini.files import VOCABULARY
from blender_text3d.prompts.languages import FILE, LANGUAGES
from blender_text3d.prompts.vocabulary import OBJECTS, PARTS, Vocabulary
from scripts.training.data.captions import NATURAL, caption, describe
from scripts.training.data.catalogue import ALL_CATEGORIES, CATEGORIES, categories_of, part_words
from scripts.training.data.colors import COLORS, MATERIALS
from scripts.training.data.kinds import ADDED_KINDS, ALL_KINDS, FIRST_KINDS
from scripts.training.data.point_sampling import Solid
from scripts.training.data.vocabulary import vocabularies, vocabulary
from scripts.training.evaluate.catalogue_shapes import random_solid, report_of
from scripts.training.images.splat import EMPTY
from scripts.training.shapes.combined import Cut
from scripts.training.shapes.parts import Part
from scripts.training.shapes.placing import ball, box
from scripts.training.shapes.primitives import Box
from tests.earlier_words import write_vocabulary

EVERY = categories_of(ALL_KINDS)
ADDED = [category for category in EVERY if category.name in ADDED_KINDS]


def test_the_included_vocabulary_is_the_one_that_the_catalog_makes():
    assert [category.name for category in CATEGORIES] == ALL_KINDS
    assert list(Vocabulary.read(VOCABULARY).groups[OBJECTS]) == ALL_KINDS
    assert json.loads(VOCABULARY.read_text(encoding="utf-8")) == vocabularies()


def test_models_that_know_the_first_kinds_alone_get_the_words_that_tests_write_for_them(tmp_path):
    latest, earlier = ["mini/shap-e"], ["mini/point-e"]
    (tmp_path / "made.json").write_text(json.dumps(vocabularies(latest, earlier)))
    assert list(Vocabulary.read(tmp_path / "made.json", "mini/point-e").groups[OBJECTS]) == FIRST_KINDS
    assert list(Vocabulary.read(tmp_path / "made.json", "mini/shap-e").groups[OBJECTS]) == ALL_KINDS
    written = write_vocabulary(tmp_path / "written.json", latest=latest, earlier=earlier)
    assert json.loads(written.read_text(encoding="utf-8")) == vocabularies(latest, earlier)


def test_the_words_of_each_part_are_read_as_a_part_of_their_kind():
    words = Vocabulary.read(VOCABULARY)
    for category in EVERY:
        for part in part_words(category):
            (token,) = words.tokens(part)
            assert words.kinds[token] == PARTS or token in words.parts_of[category.name], (category.name, part)


def test_every_kind_of_the_catalog_is_learned_next():
    assert sorted(ALL_KINDS) == sorted(category.name for category in ALL_CATEGORIES)


@pytest.mark.parametrize("category", ADDED, ids=lambda category: category.name)
def test_a_shape_is_one_solid_of_known_roles(category):
    solid, rng = random_solid(category, 1)
    report = report_of(solid, rng, count=800)
    assert report.is_good
    assert set(report.shares) <= {"main", *category.accents}
    assert report.thin < 0.1
    assert len(solid.parts) < EMPTY


def test_a_part_that_floats_is_noticed():
    rng, colors = np.random.default_rng(0), {"main": np.zeros(3)}
    joined, floating = (
        Solid([ball("main", (0, 0, 0), 0.3), ball("main", (x, 0, 0), 0.2)], colors, rng) for x in (0.4, 0.7)
    )
    assert report_of(joined, rng, count=200).is_good
    assert not report_of(floating, rng, count=200).is_good


def test_a_hollow_without_a_way_out_is_noticed():
    rng, colors, hole = np.random.default_rng(0), {"main": np.zeros(3)}, ball("main", (0, 0, 0), 0.3)
    open_, closed = (Cut(Box((0.5, 0.5, half)), (hole,)) for half in (0.25, 0.5))
    assert report_of(Solid([Part(open_)], colors, rng), rng, count=200).cavities == 0
    assert report_of(Solid([Part(closed)], colors, rng), rng, count=200).cavities == 1


def test_a_sheet_thinner_than_the_field_is_noticed():
    rng, colors = np.random.default_rng(0), {"main": np.zeros(3)}
    thick, thin = (Solid([box("main", (0, 0, 0), (0.5, 0.5, half))], colors, rng) for half in (0.1, 0.01))
    assert report_of(thick, rng, count=400).thin < 0.05
    assert report_of(thin, rng, count=400).thin > 0.9


def test_a_word_belongs_to_one_kind():
    words = [word for category in EVERY for word in (category.name, *category.nouns)]
    assert sorted(words) == sorted(set(words))


def test_every_caption_of_the_next_kinds_is_in_the_vocabulary_gathered_from_them(tmp_path):
    (tmp_path / "next.json").write_text(json.dumps(vocabulary(EVERY)))
    gathered, rng = Vocabulary.read(tmp_path / "next.json"), np.random.default_rng(0)
    for category in ADDED:
        for color in list(COLORS)[::3]:
            text = caption(describe(category, color, rng), rng)
            assert gathered.tokens(text), text
            assert category.name in gathered.tokens(text), text


def test_natural_colors_are_colors_of_kinds():
    assert set(NATURAL) <= set(ALL_KINDS)
    assert {word for words in NATURAL.values() for word in words.split()} <= {*COLORS, *MATERIALS}


def test_part_indices_and_role_indices_fit_in_a_byte():
    assert len({role for category in EVERY for role in category.accents}) + 1 < EMPTY


def test_default_colors_are_colors():
    words = {word for category in EVERY for _, defaults in category.accents.values() for word in defaults or ()}
    assert words <= {*COLORS, *MATERIALS}


def test_boats_leave_their_sails_to_sailboats():
    boats = {category.name: category for category in EVERY}
    roles = {part.role for seed in range(8) for part in random_solid(boats["boat"], seed)[0].parts}
    assert "sail" not in roles
    assert "sail" in {part.role for part in random_solid(boats["sailboat"], 0)[0].parts}


def test_every_kind_has_names_in_four_languages_and_no_name_is_given_twice():
    with FILE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["en"] for row in rows if row["group"] == OBJECTS] == ALL_KINDS
    for code in LANGUAGES:
        names = [name for row in rows for name in row[code].split("|")]
        assert all(name and name == name.strip().lower() for name in names)
        assert sorted(names) == sorted(set(names))


def test_the_singular_of_a_part_is_found_from_its_plural(tmp_path):
    (tmp_path / "next.json").write_text(json.dumps(vocabulary(EVERY)))
    gathered = Vocabulary.read(tmp_path / "next.json")
    for category in EVERY:
        for words, _ in category.accents.values():
            assert all(gathered.known_word(word) or gathered.phrase(word) for word in words), words
    assert {"lens", "olive", "patch", "cherry"} <= {*gathered.kinds}
