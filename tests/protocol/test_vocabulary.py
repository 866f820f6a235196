# SPDX-License-Identifier: GPL-3.0-or-later
"""The words that the small models know, as the panel checks them while the user types."""

import random

import pytest

from blender_text3d.engine.mini.files import VOCABULARY
from blender_text3d.engine.text.vocabulary import Vocabulary as EngineVocabulary
from blender_text3d.protocol import vocabulary as module
from blender_text3d.protocol.typos import typo_suggestions
from blender_text3d.protocol.vocabulary import Vocabulary, names_object, read_vocabulary, unknown_words

PROMPTS = (
    "", "a wizard riding a dragon", "A RED Chair!", "two bluish leaves on golden shelves", "an ice-cream cone",
    "coffee tables", "a knight's sword", "a knight’s sword", "grey sofa with wooden legs", "3 chairs & 2 mugs",
    "red-coloured star-shaped dish", "rocket ships and pine trees", "zorg zorg zorg", "赤い椅子", "a  \t red\nchair",
)  # fmt: skip


@pytest.fixture(scope="module")
def words() -> Vocabulary:
    return read_vocabulary()


@pytest.fixture(scope="module")
def engine() -> EngineVocabulary:
    return EngineVocabulary.read(VOCABULARY)


def random_prompts(engine: EngineVocabulary, count: int) -> list[str]:
    """Return prompts of known words, aliases, ignored words and others, with endings and hyphens."""
    chance = random.Random(5)
    pool = [*engine.ids, *engine.aliases, *engine.ignored, "zorg", "dragon", "ice", "cream", "coffee"]
    endings = ("", "", "", "s", "es", "y", "ish", "-colored", "-shaped", "'s", "ed")
    return [
        chance.choice(" -").join(chance.choice(pool) + chance.choice(endings) for _ in range(chance.randrange(1, 7)))
        for _ in range(count)
    ]


def test_the_panel_and_the_engine_agree_on_every_word(words, engine):
    for prompt in (*PROMPTS, *random_prompts(engine, 2000)):
        uses, parsed = words.uses(prompt), engine.parse_prompt(prompt)
        assert tuple(use.known for use in uses if use.known) == parsed.tokens, prompt
        assert tuple(unknown_words(uses)) == parsed.unknown, prompt


def test_a_use_has_its_place_in_the_prompt(words):
    prompt = "An Ice-Cream  with a zorg"
    assert [prompt[use.start : use.end] for use in words.uses(prompt)] == ["An", "Ice-Cream", "with", "a", "zorg"]


@pytest.mark.parametrize(
    ("prompt", "has_object"), [("a red chair", True), ("a cup", True), ("red", False), ("dragon", False), ("", False)]
)
def test_a_prompt_names_an_object_or_not(words, prompt, has_object):
    assert names_object(words, words.uses(prompt)) is has_object


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("chiar", "chair"), ("hcair", "chair"), ("chairr", "chair"), ("chai", "chair"), ("teepot", "teapot"),
     ("mushrom", "mushroom"), ("musrhom", "mushroom"), ("yelow", "yellow"), ("icecraem", "icecream"),
     ("rocjet", "rocket")],
)  # fmt: skip
def test_a_typo_is_answered_by_the_word_that_was_meant(words, typed, meant):
    assert words.known_word(typed) is None
    assert typo_suggestions(typed, words)[0] == meant


@pytest.mark.parametrize(
    "word", ["dragon", "riding", "wizard", "cat", "horse", "elephant", "guitar", "sofa bed", "x", "zorg", "spaceship"]
)
def test_a_word_that_is_no_typo_gets_no_suggestion(words, word):
    assert typo_suggestions(word, words) == []


def test_without_its_file_there_is_no_vocabulary(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "FILE", tmp_path / "vocabulary.json")
    for content in (None, "{", "{}", "[]"):
        read_vocabulary.cache_clear()
        if content:
            module.FILE.write_text(content)
        assert read_vocabulary() is None
    monkeypatch.undo()
    read_vocabulary.cache_clear()
    assert read_vocabulary() is not None
