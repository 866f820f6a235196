# SPDX-License-Identifier: GPL-3.0-or-later
"""Pieces of the script that makes the table of meanings; its sources are not in the repository."""

import gzip
from types import SimpleNamespace

import pytest

from blender_text3d.prompts import meanings
from blender_text3d.prompts.vocabulary import read_vocabulary
from scripts.training.meanings.answers import Answer
from scripts.training.meanings.classify import Shares
from scripts.training.meanings.colors import color_in_gloss, nearest_color
from scripts.training.meanings.corrections import corrections
from scripts.training.meanings.make_table import (
    comparatives,
    everyday_words,
    graded,
    is_figure_of_speech,
    is_phrase_needed,
    is_word_needed,
    joined_compounds,
    known_words,
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
    assert given["recliner"] == Answer("armchair")
    assert given["hazel"] == Answer("tree", "brown")
    assert given["tiger"] == Answer("cat", is_sure=False)
    assert given["speaker"] == Answer()


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
    vocabulary, recliner = read_vocabulary(), Answer("armchair")
    found = {"recliner": recliner, "recliners": recliner, "glass": Answer("cup")}
    assert is_word_needed("recliner", recliner, found, vocabulary)
    assert not is_word_needed("recliners", recliner, found, vocabulary)
    assert is_word_needed("glass", Answer("cup"), found, vocabulary)
    assert not is_word_needed("chair", Answer("chair"), found, vocabulary)
    assert not is_word_needed("sofa", Answer("sofa"), found, vocabulary)


def test_a_new_part_stays_in_the_table_for_models_that_do_not_know_it():
    assert "saucer" in read_vocabulary().kinds
    assert "saucer" not in known_words()
    assert known_words() >= {"chair", "sofa", "red", "wheel"}


def test_a_person_is_named_by_a_last_word_that_is_a_person():
    classifier = SimpleNamespace(shares={"bird": Shares({"bird": 0.9}, {}, 0.1, False)}.get)
    assert is_figure_of_speech("early_bird", Answer("person"), classifier)
    assert not is_figure_of_speech("early_bird", Answer("bird"), classifier)
    assert not is_figure_of_speech("bird", Answer("person"), classifier)
    classifier.shares = {"driver": Shares({"person": 0.4}, {}, 0.6, False)}.get
    assert not is_figure_of_speech("bus_driver", Answer("person"), classifier)


@pytest.mark.parametrize(
    ("phrase", "answer", "is_needed"),
    [
        ("bear market", Answer(), True),
        ("table leg", Answer(), False),
        ("cup of tea", Answer(), False),
        ("horse chestnut", Answer("tree"), True),
        ("garden chestnut", Answer("tree"), False),
        ("sea gull", Answer("bird"), False),
    ],
)
def test_a_phrase_is_needed_where_the_reader_would_make_its_first_word(phrase, answer, is_needed):
    found = {"market": Answer("house", is_sure=False), "chestnut": Answer("tree", "brown"), "gull": Answer("bird")}
    assert is_phrase_needed(phrase, answer, found, read_vocabulary(), {"market": found["market"]}) is is_needed


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
