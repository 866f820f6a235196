# SPDX-License-Identifier: GPL-3.0-or-later
"""German, French, Spanish and Italian names of kinds, parts, colors, materials and sizes."""

import pytest

from blender_text3d.prompts.languages import LANGUAGES, read_names
from blender_text3d.prompts.reader import read_prompt
from blender_text3d.prompts.vocabulary import read_vocabulary


@pytest.mark.parametrize(
    ("prompt", "language", "tokens"),
    [
        ("ein roter Stuhl", "German", ("red", "chair")),
        ("eine große blaue Flasche", "German", ("big", "blue", "bottle")),
        ("ein Stuhl ohne Lehne", "German", ("chair",)),
        ("zwei rote Äpfel", "German", ("red", "apple")),
        ("ein gruener Baum", "German", ("green", "tree")),
        ("EIN ROTES BOOT", "German", ("red", "boat")),
        ("ein weißes Schloss aus Stein", "German", ("white", "castle", "stone")),
        ("une chaise rouge", "French", ("red", "chair")),
        ("une grande voiture bleue", "French", ("big", "blue", "car")),
        ("un lit rouge", "French", ("red", "bed")),
        ("l'arbre vert", "French", ("green", "tree")),
        ("un chateau de pierre", "French", ("stone", "castle")),
        ("une tour et un lit", "French", ("tower",)),
        ("una silla roja", "Spanish", ("red", "chair")),
        ("una mesa de madera", "Spanish", ("wooden", "table")),
        ("un coche rojo sin ruedas", "Spanish", ("red", "car")),
        ("un sillon azul", "Spanish", ("blue", "armchair")),
        ("una casa rossa", "Italian", ("red", "house")),
        ("un albero verde", "Italian", ("green", "tree")),
        ("un pupazzo di neve", "Italian", ("snowman",)),
        ("una corona d'oro", "Italian", ("golden", "crown")),
        ("ein roter Stuhl mit blauen Beinen", "German", ("red", "chair", "with", "blue", "leg")),
        ("une maison blanche avec un toit rouge", "French", ("white", "house", "with", "red", "roof")),
        ("un perro con orejas negras y cola blanca", "Spanish", ("dog", "with", "black", "ear", "white", "tail")),
        ("una sedia rossa con gambe nere", "Italian", ("red", "chair", "with", "black", "leg")),
    ],
)
def test_a_prompt_in_another_language_is_read_like_the_english_one(prompt, language, tokens):
    reading = read_prompt(prompt)
    assert (reading.language, reading.tokens) == (language, tokens)


@pytest.mark.parametrize(
    "prompt",
    ["a large red car", "a table with thin legs", "a red rocket with fins", "a dozen donuts", "a vase", "an orange bus",
     "a rose", "a robot with no arms", "no chair", "a thick case", "a pin", "a gross of apples", "a red boot", "a can"],
)  # fmt: skip
def test_an_english_prompt_is_read_in_english(prompt):
    assert read_prompt(prompt).language == ""


def test_a_foreign_name_in_an_english_sentence_leaves_its_english_words():
    assert read_prompt("the large red car of a fleur").tokens == ("big", "red", "car")


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_name_alone_is_its_english_word_once_its_language_is_sure(code):
    sign = {"de": "und", "fr": "avec", "es": "con", "it": "con"}[code]
    names = read_names()[code]
    assert set(names.values()) >= {"chair", "red", "wooden", "big"}
    for group in ("objects", "colors", "materials", "sizes"):
        assert set(read_vocabulary().groups[group]) <= set(names.values()), sign
