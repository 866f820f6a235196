# SPDX-License-Identifier: GPL-3.0-or-later
"""The words of the small models, captions of known words, and likely typos."""

import pytest

from blender_text3d.prompts import vocabulary as module
from blender_text3d.prompts.typos import typo_suggestions
from blender_text3d.prompts.vocabulary import Vocabulary, read_vocabulary


@pytest.fixture(scope="module")
def words() -> Vocabulary:
    return read_vocabulary()


@pytest.mark.parametrize(
    ("caption", "tokens"),
    [
        ("a red chair", ("red", "chair")),
        ("The RED Chairs!", ("red", "chair")),
        ("a grey armchair", ("gray", "armchair")),
        ("red-coloured car", ("red", "car")),
        ("red colored car", ("red", "car")),
        ("a yellow aeroplane", ("yellow", "plane")),
        ("a pink ice-cream cone", ("pink", "icecream")),
        ("a tall red chair with white legs", ("tall", "red", "chair", "with", "white", "leg")),
        ("two wooden shelves", ("wooden", "shelf")),
        ("a doughnut, pink", ("donut", "pink")),
        ("an orange tree", ("orange", "tree")),
        ("", ()),
    ],
)
def test_a_caption_is_read_word_by_word(words, caption, tokens):
    assert words.tokens(caption) == tokens


@pytest.mark.parametrize("caption", ["🐉🔥", "כיסא אדום", "x" * 10_000, "a\u0000b", "'''"])
def test_odd_captions_have_no_tokens(words, caption):
    assert words.tokens(caption) == ()


def test_every_token_and_alias_is_read_as_itself(words):
    for word in words.ids:
        assert words.tokens(word) == (word,), word
    for alias, word in words.aliases.items():
        assert words.tokens(alias) == (word,), alias


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
