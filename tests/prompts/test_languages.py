# SPDX-License-Identifier: GPL-3.0-or-later
"""German, French, Spanish and Italian names of kinds, parts, colors, materials and sizes."""

import csv

import pytest

from blender_text3d.prompts.languages import FILE, LANGUAGES, read_names
from blender_text3d.prompts.reader import read_prompt
from blender_text3d.prompts.vocabulary import OBJECTS, read_vocabulary


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


@pytest.mark.parametrize(
    ("prompt", "tokens"),
    [
        ("a table with a red porte", ("table", "with", "red", "door")), ("a red stuhl", ("red", "chair")),
        ("the large red car of a fleur", ("big", "red", "car")), ("a chaise", ("sofa",)),
        ("two chaises", ("sofa",)), ("a casa with a red roof", ("house", "with", "red", "roof")),
        ("una casa with a red roof", ("house", "with", "red", "roof")), ("a blu chair", ("blue", "chair")),
        ("a kleine chair", ("small", "chair")), ("the schloss neuschwanstein", ("castle",)),
        ("a sedia with red legs", ("chair", "with", "red", "leg")), ("a bureau with a lampe", ("wardrobe",)),
        ("Stuhl 3D model, white background", ("chair",)), ("a grand table", ("table",)),
        ("a petite vase", ("small", "vase")),
        ("the bateau on a mug", ("boat",)), ("a grünes haus with a door", ("green", "house", "with", "door")),
    ],
)  # fmt: skip
def test_a_foreign_name_in_an_english_prompt_leaves_it_english(prompt, tokens):
    reading = read_prompt(prompt)
    assert (reading.language, reading.tokens) == ("", tokens)


@pytest.mark.parametrize(
    ("prompt", "language", "tokens"),
    [("ein Haus mit red roof", "German", ("house", "with", "red", "roof")),
     ("silla de madera, low poly, 4k", "Spanish", ("wooden", "chair")),
     ("chaise rouge", "French", ("red", "chair")), ("rotes Haus", "German", ("red", "house")),
     ("ein Hund, game asset, white background", "German", ("dog",)), ("tavolo", "Italian", ("table",))],
)  # fmt: skip
def test_english_words_on_looks_leave_a_foreign_prompt_foreign(prompt, language, tokens):
    reading = read_prompt(prompt)
    assert (reading.language, reading.tokens) == (language, tokens)


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_name_alone_is_its_english_word_once_its_language_is_sure(code):
    sign = {"de": "und", "fr": "avec", "es": "con", "it": "con"}[code]
    names = read_names()[code]
    assert set(names.values()) >= {"chair", "red", "wooden", "big"}
    for group in ("objects", "colors", "materials", "sizes"):
        assert set(read_vocabulary().groups[group]) <= set(names.values()), sign


@pytest.mark.parametrize(("code", "article"), [("de", "eine"), ("fr", "une"), ("es", "una"), ("it", "una")])
def test_every_name_of_every_kind_is_read_as_that_kind(code, article):
    with FILE.open(encoding="utf-8", newline="") as file:
        kinds = {row["en"]: row[code].split("|") for row in csv.DictReader(file) if row["group"] == OBJECTS}
    assert [*kinds] == [*read_vocabulary().groups[OBJECTS]]
    read = {name: read_prompt(f"{article} {name}").main for names in kinds.values() for name in names}
    assert read == {name: kind for kind, names in kinds.items() for name in names}


@pytest.mark.parametrize(
    ("code", "begin"),
    [("de", "ein roter Drache mit"), ("fr", "un dragon rouge avec"), ("es", "un dragón rojo con"),
     ("it", "un drago rosso con")],
)  # fmt: skip
def test_every_name_of_every_part_is_read_as_that_part(code, begin):
    with FILE.open(encoding="utf-8", newline="") as file:
        parts = {row["en"]: row[code].split("|") for row in csv.DictReader(file) if row["group"] == "parts"}
    assert {"horn", "screen", "flame", "stripe", "roof"} <= {*parts}
    read = {name: read_prompt(f"{begin} {name}").tokens for names in parts.values() for name in names}
    assert read == {name: ("red", "dragon", "with", part) for part, names in parts.items() for name in names}


@pytest.mark.parametrize(
    ("prompt", "language", "tokens"),
    [
        ("ein roter Drache mit gelben Flügeln", "German", ("red", "dragon", "with", "yellow", "wing")),
        ("die Vase", "German", ("vase",)),
        ("die rote Vase", "German", ("red", "vase")),
        ("ein grünes U-Boot", "German", ("green", "submarine")),
        ("un gato negro", "Spanish", ("black", "cat")),
        ("una barca a vela bianca", "Italian", ("white", "sailboat")),
        ("un carro armato verde", "Italian", ("green", "tank")),
        ("un moulin à vent blanc", "French", ("white", "windmill")),
        ("une tasse bleue", "French", ("blue", "cup")),
        ("ein Bett mit blauen Kissen", "German", ("bed", "with", "blue", "cushion")),
    ],
)
def test_a_new_kind_in_another_language_is_read_like_the_english_one(prompt, language, tokens):
    reading = read_prompt(prompt)
    assert (reading.language, reading.tokens) == (language, tokens)


@pytest.mark.parametrize("prompt", ["a die", "a die with white dots", "die cast car", "a hand", "a main bridge"])
def test_an_english_word_that_is_one_of_another_language_stays_english(prompt):
    assert read_prompt(prompt).language == ""


@pytest.mark.parametrize(
    ("prompt", "tokens"),
    [
        ("Holzstuhl", ("wooden", "chair")), ("Apfelbaum", ("tree",)), ("zwei Steinbrücken", ("stone", "bridge")),
        ("ein roter Holzstuhl mit weißen Beinen", ("red", "wooden", "chair", "with", "white", "leg")),
        ("Goldmünze", ("golden", "coin")), ("Blumentopf", ("vase",)), ("ein Roboterhund", ("dog",)),
        ("eine Hundehütte", ("house",)),
    ],
)  # fmt: skip
def test_a_german_compound_of_two_names_is_read_by_both(prompt, tokens):
    reading = read_prompt(prompt)
    assert (reading.language, reading.tokens) == ("German", tokens)


def test_a_german_compound_with_an_unknown_word_is_unknown():
    assert [read_prompt(word).unknown for word in ("Rollstuhl", "Katzenstreu")] == [("rollstuhl",), ("katzenstreu",)]
    assert read_prompt("ein Roboterhund").others == ("roboter",)
