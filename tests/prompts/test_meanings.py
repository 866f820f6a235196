# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of English words: sure answers are used and told, guesses offered, the rest named without a spelling."""

import csv
from pathlib import Path

import pytest

from blender_text3d.prompts import meanings as module
from blender_text3d.prompts.meanings import FILE, meaning_of, read_table
from blender_text3d.prompts.notices import prompt_notice
from blender_text3d.prompts.reader import read_prompt
from blender_text3d.prompts.vocabulary import read_vocabulary
from scripts.training.meanings.rates import answer


def notice(prompt: str) -> str:
    return prompt_notice(read_prompt(prompt), read_vocabulary()) or ""


def test_the_table_has_at_least_25000_words_in_at_most_300_kb():
    words = read_table().words.splitlines()
    assert len(words) >= 25_000
    assert words == sorted(words, key=lambda line: line.split()[0])
    assert FILE.stat().st_size <= 300_000


def test_every_answer_is_a_word_of_the_vocabulary():
    kinds, table = read_vocabulary().kinds, read_table()
    for text in {*table.answers, *table.phrases.values()} - {"-", "-a"}:
        kind, _, attribute = text.removesuffix("?").partition("/")
        assert kinds.get(kind) in ("objects", None if attribute or not kind else "objects"), text
        assert not attribute or kinds[attribute] in ("colors", "materials", "sizes"), text


def test_objects_and_words_that_every_model_knows_are_not_in_the_table(trained_model):
    latest, earlier = read_vocabulary(), read_vocabulary("mini/point-e")
    words = {word: latest.kinds[latest.exact(word)] for word in (*latest.kinds, *latest.aliases) if " " not in word}
    known = [word for word, kind in words.items() if kind == "objects" or earlier.exact(word)]
    assert [word for word in known if meaning_of(word)] == []


@pytest.mark.parametrize(
    ("prompt", "tokens"),
    [("a goblet", ("mug",)), ("a loveseat", ("armchair",)), ("a red saucer", ("red", "bowl")), ("a hound", ("dog",)),
     ("an olive armoire", ("green", "shelf")), ("three galleons", ("boat",)), ("a temple", ("house",))],
)  # fmt: skip
def test_a_meaning_that_an_earlier_model_does_not_know_has_a_stand_in(trained_model, prompt, tokens):
    assert read_prompt(prompt, "mini/point-e").tokens == tokens


@pytest.mark.parametrize(("word", "kind"), [("wizard", "person"), ("parrot", "bird"), ("cauldron", "pot")])
def test_a_meaning_without_a_stand_in_is_told_to_be_known_to_another_model(trained_model, word, kind):
    reading = read_prompt(f"a red {word}", "mini/point-e")
    assert (reading.main, reading.elsewhere) == ("", (word, kind))
    assert trained_model in prompt_notice(reading, read_vocabulary("mini/point-e"))


@pytest.mark.parametrize(
    ("name", "min_right"),
    [
        ("held_out_words.csv", 0.92),
        ("held_out_words_2.csv", 0.92),
        ("held_out_words_3.csv", 0.92),
        ("rare_words.csv", 0.92),
        ("rare_words_2.csv", 0.92),
        ("frequent_words.csv", 0.92),
        ("frequent_words_2.csv", 0.92),
        ("trap_words.csv", 0.85),
    ],
)
def test_words_are_read_as_labelled_before_their_answers_were_seen(name, min_right):
    with Path(__file__).with_name(name).open(encoding="utf-8", newline="") as file:
        labels = {row["word"]: row["label"].split("|") for row in csv.DictReader(file)}
    answers = {word: answer(word) for word in labels}
    wrong = [word for word, found in answers.items() if found not in (*labels[word], "nothing")]
    right = [word for word, found in answers.items() if found in labels[word]]
    assert len(right) >= min_right * len(labels)
    assert len(wrong) <= 0.03 * len(labels)


@pytest.mark.parametrize(
    ("prompt", "tokens", "sentence"),
    [
        ("a recliner", ("armchair",), "'recliner' is read as armchair."),
        ("a loveseat", ("sofa",), "'loveseat' is read as sofa."),
        ("a workbench", ("table",), "'workbench' is read as table."),
        ("three hounds", ("dog",), "'hounds' is read as dog."),
        ("wolves", ("dog",), "'wolves' is read as dog."),
        ("a teak nightstand", ("wooden", "table"), "'teak' is read as wooden, 'nightstand' as table."),
        ("a scarlet loveseat", ("red", "sofa"), "'loveseat' is read as sofa."),
        ("an enormous goblet", ("big", "cup"), "'enormous' is read as big, 'goblet' as cup."),
        ("a scarlet parrot", ("red", "bird"), "'parrot' is read as bird."),
        ("a wizard with a red hat", ("person", "with", "red", "hat"), "'wizard' is read as person."),
        ("two galleons", ("sailboat",), "'galleons' is read as sailboat."),
        ("a sapphire", ("blue", "gem"), "'sapphire' is read as blue gem."),
        ("a sapphire goblet", ("blue", "cup"), "'sapphire' is read as blue, 'goblet' as cup."),
        ("a mammoth", ("elephant",), "'mammoth' is read as elephant."),
        ("a temple", ("house",), "'temple' is read as house."),
        ("a granite citadel", ("stone", "castle"), "'granite' is read as stone, 'citadel' as castle."),
        ("a canoe with blue sails", ("boat", "with", "blue", "sail"), "'canoe' is read as boat."),
        ("a hazel table", ("brown", "table"), "'hazel' is read as brown."),
        ("a hazel", ("tree",), "'hazel' is read as tree."),
        ("a maple tree", ("tree",), "'maple tree' is read as tree."),
    ],
)
def test_a_sure_meaning_is_used_and_told(prompt, tokens, sentence):
    assert read_prompt(prompt).tokens == tokens
    assert sentence in notice(prompt)


@pytest.mark.parametrize(
    "word",
    ["bank", "shuttle", "shrub", "vehicle", "canister", "rack", "tiger", "motorcycle", "violin", "zombie"],
)
def test_a_guess_is_only_offered(word):
    reading = read_prompt(f"a {word}")
    ((text, meant),) = reading.offers
    assert (reading.main, text) == ("", word)
    assert f"'{word}' is not used; for something like it, write '{meant}'." in notice(f"a {word}")


@pytest.mark.parametrize(
    "word", ["cloud", "tornado", "can", "quality", "finish", "army", "busy", "irony", "tally", "capes", "hates",
             "spider", "suddenly", "thunder", "riding", "kangaroo", "speaker", "printer"],
)  # fmt: skip
def test_an_english_word_without_a_stand_in_is_no_object_and_gets_no_spelling(word):
    reading = read_prompt(f"a {word}")
    assert reading.tokens == reading.unknown == reading.offers == ()
    assert "similar" not in notice(f"a {word}")


@pytest.mark.parametrize(
    ("word", "meant"), [("dragonn", None), ("chiar", "chair"), ("mashroom", "mushroom"), ("teepott", None)]
)
def test_only_a_word_that_no_table_has_gets_a_spelling(word, meant):
    assert read_prompt(f"a {word}").unknown == (word,)
    assert (f"{word} (similar: {meant}" in notice(f"a {word}")) is (meant is not None)


@pytest.mark.parametrize("content", [None, b"", b"no gzip", b"\x1f\x8b\x08\x00broken"])
def test_without_the_table_known_words_are_read(tmp_path, monkeypatch, content):
    monkeypatch.setattr(module, "FILE", tmp_path / "meanings.txt.gz")
    if content is not None:
        module.FILE.write_bytes(content)
    for cache in (read_table, meaning_of):
        cache.cache_clear()
    try:
        assert meaning_of("couch") is None
        assert read_prompt("a plain red chair, uncached").tokens == ("red", "chair")
    finally:
        monkeypatch.undo()
        for cache in (read_table, meaning_of):
            cache.cache_clear()
