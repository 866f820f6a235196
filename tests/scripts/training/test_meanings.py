# SPDX-License-Identifier: GPL-3.0-or-later
"""Pieces of the script that makes the table of meanings; its sources are not in the repository."""

import gzip

import pytest

from blender_text3d.prompts import meanings
from blender_text3d.prompts.vocabulary import read_vocabulary
from scripts.training.meanings.answers import Answer
from scripts.training.meanings.colors import color_in_gloss, nearest_color
from scripts.training.meanings.corrections import corrections
from scripts.training.meanings.make_table import (
    comparatives,
    everyday_words,
    graded,
    is_word_needed,
    joined_compounds,
    text_of,
)
from scripts.training.meanings.wordnet import read_wordnet

NOUNS = """  1 a license
00000001 06 n 02 chair 0 seat 1 000 | a piece of furniture
00000002 06 n 01 armchair 0 001 @ 00000001 n 0000 | a chair with arms
00000003 15 n 01 Paris 0 001 @i 00000001 n 0000 | a city
"""
INDEX = "chair n 1 0 1 1 00000001\narmchair n 1 1 @ 1 0 00000002\nparis n 1 1 @ 1 0 00000003\n"


def test_wordnets_files_are_read(tmp_path):
    (tmp_path / "data.noun").write_text(NOUNS)
    (tmp_path / "index.noun").write_text(INDEX)
    for name in ("data.adj", "index.adj"):
        (tmp_path / name).write_text("  1 a license\n")
    (tmp_path / "index.sense").write_text("armchair%1:06:00:: 00000002 1 5\nchair%1:06:00:: 00000001 1 0\n")
    (tmp_path / "noun.exc").write_text("oxen ox\n")
    wordnet = read_wordnet(tmp_path, tmp_path / "noun.exc")
    assert wordnet.distances(wordnet.sense("armchair.1")) == {"n00000002": 0, "n00000001": 1}
    assert wordnet.synsets["n00000001"].lemmas == ("chair", "seat")
    assert wordnet.synsets["n00000003"].is_instance
    assert wordnet.tag_counts == {("armchair", "n00000002"): 5}
    assert wordnet.exceptions == {"oxen": "ox"}


@pytest.mark.parametrize(
    ("color", "word"),
    [("#e50000", "red"), ("#7b1113", "red"), ("#000080", "blue"), ("#fffaf0", "white"), ("#228b22", "green"),
     ("#40e0d0", "cyan"), ("#2f4f4f", "gray"), ("#ffc0cb", "pink"), ("#4b0082", "purple"), ("#111111", "black")],
)  # fmt: skip
def test_a_color_has_the_word_of_its_nearest_swatch(color, word):
    assert nearest_color(color) == word


@pytest.mark.parametrize(
    ("gloss", "word"), [("a vivid purplish-red color", "red"), ("of a dull greyish green", "green"), ("shiny", None)]
)
def test_the_last_color_of_a_definition_counts(gloss, word):
    assert color_in_gloss(gloss) == word


def test_sure_corrections_win_over_nothing_and_nothing_over_guesses():
    given = corrections(read_vocabulary())
    assert given["couch"] == Answer("armchair")
    assert given["hazel"] == Answer("tree", "brown")
    assert given["tent"] == Answer("house", is_sure=False)
    assert given["pirate"] == Answer()


def test_a_word_list_keeps_names_but_no_abbreviations():
    assert everyday_words(frozenset({"UN", "Berlin", "cat", "Max", "it's", "max"})) == {"berlin", "cat", "max"}


@pytest.mark.parametrize(
    ("word", "forms"),
    [("fat", ["fatter", "fattest"]), ("chunky", ["chunkier", "chunkiest"]), ("wide", ["wider", "widest"]),
     ("green", ["greener", "greenest"]), ("narrow", ["narrower", "narrowest"]), ("rocket ship", [])],
)  # fmt: skip
def test_adjectives_are_graded_as_they_are_spelled(word, forms):
    assert graded(word) == forms


def test_comparatives_mean_what_their_adjective_means_unless_a_person_said_otherwise():
    found = {"fatter": Answer(), "stumpy": Answer("", "short"), "stumpiest": Answer(), "finer": Answer()}
    wide, short = Answer("", "wide"), Answer("", "short")
    assert dict(comparatives(found, read_vocabulary())) == {"fatter": wide, "stumpiest": short}


def test_a_listed_compound_that_is_also_one_word_keeps_its_meaning():
    found = {"sandcastle": Answer(), "keyboard": Answer(), "firetruck": Answer("truck")}
    assert dict(joined_compounds(found, read_vocabulary())) == {"sandcastle": Answer("castle")}


def test_regular_plurals_and_known_words_are_left_to_the_reader():
    vocabulary, couch = read_vocabulary(), Answer("armchair")
    found = {"couch": couch, "couches": couch, "glass": Answer("mug")}
    assert is_word_needed("couch", couch, found, vocabulary)
    assert not is_word_needed("couches", couch, found, vocabulary)
    assert is_word_needed("glass", Answer("mug"), found, vocabulary)
    assert not is_word_needed("chair", Answer("chair"), found, vocabulary)


def test_the_reader_finds_every_word_of_a_written_table(tmp_path, monkeypatch):
    answers = {"couch": Answer("armchair"), "hazel": Answer("tree", "brown"), "tent": Answer("house", is_sure=False)}
    answers |= {"dragon": Answer(), "happy": Answer(is_adjective=True), "prairie dog": Answer()}
    (tmp_path / "table.gz").write_bytes(gzip.compress(text_of(answers).encode()))
    monkeypatch.setattr(meanings, "FILE", tmp_path / "table.gz")
    for cache in (meanings.read_table, meanings.meaning_of):
        cache.cache_clear()
    try:
        assert {word: tuple(meanings.meaning_of(word)) for word in answers} == {
            word: tuple(answer) for word, answer in answers.items()
        }
        assert meanings.meaning_of("dog") is None
    finally:
        monkeypatch.undo()
        for cache in (meanings.read_table, meanings.meaning_of):
            cache.cache_clear()
