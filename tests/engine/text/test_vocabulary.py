# SPDX-License-Identifier: GPL-3.0-or-later
"""Prompts are parsed with the small models' vocabulary."""

import pytest

from blender_text3d.engine.mini.files import VOCABULARY
from blender_text3d.engine.text.vocabulary import Vocabulary, unknown_words_notice


@pytest.fixture(scope="module")
def vocabulary():
    return Vocabulary.read(VOCABULARY)


@pytest.mark.parametrize(
    ("prompt", "tokens"),
    [
        ("a red chair", ("red", "chair")),
        ("The RED Chairs!", ("red", "chair")),
        ("a grey armchair", ("gray", "armchair")),
        ("a gray armchair", ("gray", "armchair")),
        ("red-coloured car", ("red", "car")),
        ("red colored car", ("red", "car")),
        ("a yellow aeroplane", ("yellow", "plane")),
        ("a yellow airplane", ("yellow", "plane")),
        ("a pink ice-cream cone", ("pink", "icecream")),
        ("a tall red chair with white legs", ("tall", "red", "chair", "with", "white", "leg")),
        ("two wooden shelves", ("wooden", "shelf")),
        ("a doughnut, pink", ("donut", "pink")),
        ("", ()),
    ],
)
def test_a_prompt_is_parsed_with_articles_plurals_and_spellings(vocabulary, prompt, tokens):
    assert vocabulary.parse_prompt(prompt).tokens == tokens


def test_an_unknown_word_has_similar_words_and_the_rest_is_parsed(vocabulary):
    prompt = vocabulary.parse_prompt("a red robbot with a dragon")
    assert prompt.unknown == ("robbot", "dragon")
    assert "robot" in prompt.nearest["robbot"]
    assert prompt.tokens[0] == "red"


def test_the_notice_lists_unknown_similar_and_recognized_words(vocabulary):
    notice = unknown_words_notice(vocabulary.parse_prompt("a red robbot"), vocabulary)
    assert notice.startswith("Unknown words: robbot (similar: robot")
    assert "Recognized: red." in notice


def test_there_is_no_notice_if_every_word_is_known(vocabulary):
    assert unknown_words_notice(vocabulary.parse_prompt("a red chair"), vocabulary) is None


def test_the_notice_suggests_objects_for_a_prompt_without_one(vocabulary):
    assert "Name an object, such as chair" in unknown_words_notice(
        vocabulary.parse_prompt("something shiny"), vocabulary
    )


@pytest.mark.parametrize("prompt", ["🐉🔥", "כיסא אדום", "x" * 10_000, "a\u0000b", "'''"])
def test_odd_text_never_fails(vocabulary, prompt):
    assert isinstance(vocabulary.parse_prompt(prompt).tokens, tuple)


def test_every_token_and_alias_is_parsed_as_itself(vocabulary):
    for word in vocabulary.ids:
        assert vocabulary.parse_prompt(word).tokens == (word,), word
    for alias, word in vocabulary.aliases.items():
        assert vocabulary.parse_prompt(alias).tokens == (word,), alias
