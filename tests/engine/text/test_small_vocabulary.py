# SPDX-License-Identifier: GPL-3.0-or-later
"""Parsing with a vocabulary of a few words: forms of words, phrases, and sentences for the user."""

import json

import pytest

from blender_text3d.engine.text.vocabulary import ParsedPrompt, Vocabulary, unknown_words_notice

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


def parse(prompt):
    return VOCABULARY.parse_prompt(prompt)


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("chair", "chair"), ("chairs", "chair"), ("seat", "chair"), ("seats", "chair"), ("knives", "knife"),
        ("shelves", "shelf"), ("berries", "berry"), ("buses", "bus"), ("houses", "house"), ("dishes", "dish"),
        ("keys", "key"), ("reddish", None), ("greenish", "green"), ("redcolored", "red"), ("red-coloured", "red"),
        ("wooden", "wood"), ("greeny", "green"), ("round-shaped", "round"), ("roundshaped", "round"),
        ("grey", "green"), ("greyish", "green"), ("chairz", None), ("", None), ("s", None),
    ],
)  # fmt: skip
def test_a_word_is_known_in_its_forms(word, expected):
    assert VOCABULARY.canonical(word) == expected


@pytest.mark.parametrize(
    ("prompt", "tokens", "unknown"),
    [
        ("A RED chair", ("red", "chair"), ()),
        ("red, red and red", ("red", "red", "red"), ("and",)),
        ("ice-cream with nose cones", ("cup", "nose cone"), ()),
        ("a big red bus", ("bus",), ()),
        ("big red box", ("red", "box"), ("big",)),
        ("red bus", ("red", "bus"), ()),
        ("ice box doors", ("ice box door",), ()),
        ("nose", (), ("nose",)),
        ("the chair’s leg", (), ("chair's", "leg")),
        ("don't dragon's dragon's", (), ("don't", "dragon's")),
        ("3 chairs_red x2", ("chair", "red"), ("x",)),
        ("", (), ()),
    ],
)
def test_a_prompt_has_known_words_in_order_and_unknown_ones_once(prompt, tokens, unknown):
    parsed = parse(prompt)
    assert (parsed.tokens, parsed.unknown) == (tokens, unknown)
    assert parsed.nearest.keys() == set(parsed.unknown)


def test_similar_words_are_canonical_each_once_and_at_most_three():
    assert parse("gray").nearest["gray"][0] == "green"
    assert parse("crimsn").nearest["crimsn"] == ("red",)
    assert all(len(words) <= 3 for words in parse("chare bas kee lampe tre").nearest.values())
    assert parse("xyzzy").nearest["xyzzy"] == ()


def test_tokens_are_numbered_from_one_in_the_order_of_their_groups():
    assert VOCABULARY.ids["chair"] == 1
    assert VOCABULARY.ids["red"] == 14
    assert VOCABULARY.ids["ice box door"] == 19 == len(VOCABULARY.ids)


def test_a_vocabulary_is_read_from_its_file(tmp_path):
    values = {"groups": {"objects": ["é"]}, "aliases": {"e": "é"}, "ignored": ["a"]}
    (tmp_path / "words.json").write_text(json.dumps(values, ensure_ascii=False), encoding="utf-8")
    assert Vocabulary.read(tmp_path / "words.json") == Vocabulary({"objects": ("é",)}, {"e": "é"}, frozenset("a"))


EXAMPLES = "Name an object, such as chair, cup, cat."


@pytest.mark.parametrize(
    ("tokens", "unknown", "expected"),
    [
        (("red", "chair"), (), None),
        (("red",), (), None),
        ((), (), EXAMPLES),
        ((), ("q",), f"Unknown words: q. {EXAMPLES}"),
        (("red",), ("q",), f"Unknown words: q. Recognized: red. {EXAMPLES}"),
        (("red", "chair"), ("q", "r"), "Unknown words: q, r (similar: red, round). Recognized: red, chair."),
        (("chair",), tuple("qrstuv"), "Unknown words: q, r (similar: red, round), s, t, u. Recognized: chair."),
    ],
)
def test_the_notice_lists_what_is_unknown_what_is_known_and_examples_without_an_object(tokens, unknown, expected):
    nearest = {word: ("red", "round") if word == "r" else () for word in unknown}
    assert unknown_words_notice(ParsedPrompt(tokens, unknown, nearest), VOCABULARY) == expected
