# SPDX-License-Identifier: GPL-3.0-or-later
"""Parsing with a vocabulary of a few words: forms of words and phrases."""

import json

import pytest

from blender_text3d.prompts.vocabulary import Vocabulary

VOCABULARY = Vocabulary(
    {
        "objects": (
            "chair",
            "knife",
            "shelf",
            "berry",
            "bus",
            "house",
            "cup",
            "dish",
            "key",
            "lamp",
            "box",
            "tree",
            "cat",
        ),
        "colors": ("red", "green", "wood", "round"),
        "parts": ("nose cone", "ice box door"),
    },
    {"grey": "green", "ice cream": "cup", "big red bus": "bus", "crimson": "red", "seat": "chair"},
    frozenset({"a", "the", "with"}),
)


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("chair", "chair"), ("chairs", "chair"), ("seat", "chair"), ("seats", "chair"), ("knives", "knife"),
        ("shelves", "shelf"), ("berries", "berry"), ("buses", "bus"), ("houses", "house"), ("dishes", "dish"),
        ("keys", "key"), ("reddish", "red"), ("greenish", "green"), ("redcolored", "red"), ("red-coloured", "red"),
        ("wooden", "wood"), ("greeny", "green"), ("round-shaped", "round"), ("roundshaped", "round"),
        ("grey", "green"), ("greyish", "green"), ("chairz", None), ("", None), ("s", None),
    ],
)  # fmt: skip
def test_a_word_is_known_in_its_forms(word, expected):
    assert VOCABULARY.known_word(word) == expected


@pytest.mark.parametrize(
    ("caption", "tokens"),
    [
        ("A RED chair", ("red", "chair")),
        ("red, red and red", ("red", "red", "red")),
        ("ice-cream with nose cones", ("cup", "nose cone")),
        ("a big red bus", ("bus",)),
        ("big red box", ("red", "box")),
        ("red bus", ("red", "bus")),
        ("ice box doors", ("ice box door",)),
        ("nose", ()),
        ("the chair’s leg", ()),
        ("3 chairs_red x2", ("chair", "red")),
        ("", ()),
    ],
)
def test_a_caption_has_its_known_words_in_order(caption, tokens):
    assert VOCABULARY.tokens(caption) == tokens


def test_tokens_are_numbered_from_one_in_the_order_of_their_groups():
    assert VOCABULARY.ids["chair"] == 1
    assert VOCABULARY.ids["red"] == 14
    assert VOCABULARY.ids["ice box door"] == 19 == len(VOCABULARY.ids)


def test_a_vocabulary_is_read_from_its_file(tmp_path):
    values = {"groups": {"objects": ["é"]}, "aliases": {"e": "é"}, "ignored": ["a"]}
    (tmp_path / "words.json").write_text(json.dumps(values, ensure_ascii=False), encoding="utf-8")
    read = Vocabulary.read(tmp_path / "words.json")
    assert (read.groups, read.aliases, read.ignored) == ({"objects": ("é",)}, {"e": "é"}, frozenset("a"))
