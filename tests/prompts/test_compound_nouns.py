# SPDX-License-Identifier: GPL-3.0-or-later
"""Compounds, parts alone, and what is around an object: nothing that was not asked for is made without a word on it."""

import pytest

from blender_text3d.prompts.notices import prompt_notice
from blender_text3d.prompts.reader import read_prompt
from blender_text3d.prompts.vocabulary import read_vocabulary

NOTHING = "Not used, since the model knows nothing like it: "


def notice(prompt: str, model: str = "") -> str:
    return prompt_notice(read_prompt(prompt, model), read_vocabulary(model)) or ""


@pytest.mark.parametrize(
    "phrase", ["cat litter", "bear rug", "guitar amplifier", "ball python", "mushroom soup", "church bell",
               "skull ring", "moon base", "phone charger", "mushroom cap", "sword blade", "hair bow",
               "castle wall", "pumpkin carriage", "hand cream", "shoe cream", "egg cream", "plate iron", "moon rock",
               "meat ball", "hand cuff", "dust pan", "screw driver", "friend ship", "pony tail"],
)  # fmt: skip
def test_a_compound_of_something_else_does_not_make_its_first_word(phrase):
    reading = read_prompt(f"a red {phrase}")
    assert (reading.main, reading.nothing) == ("", (phrase,))
    assert f"{NOTHING}{phrase}." in notice(f"a red {phrase}")


@pytest.mark.parametrize(
    ("prompt", "tokens", "unused"),
    [
        ("a cat statue", ("cat",), "statue"), ("dragon figurines", ("dragon",), "figurines"),
        ("an apple fruit", ("apple",), "fruit"), ("a pizza food", ("pizza",), "food"),
        ("a toy train set", ("train",), "set"), ("bottle glass", ("bottle",), "glass"),
        ("sofa leather brown", ("sofa", "brown"), "leather"), ("house winter", ("house",), "winter"),
        ("a red cat sculpture", ("red", "cat"), "sculpture"),
    ],
)  # fmt: skip
def test_a_noun_on_form_sort_material_or_surroundings_leaves_the_object_before_it(prompt, tokens, unused):
    assert read_prompt(prompt).tokens == tokens
    assert f"{NOTHING}{unused}." in notice(prompt)


@pytest.mark.parametrize(
    ("phrase", "main"),
    [("foot ball", "ball"), ("butter cup", "flower"), ("toad stool", "mushroom"), ("stage hand", "person"),
     ("rock cake", "cake"), ("star ruby", "gem"), ("cream chair", "chair"), ("ice cream", "icecream"),
     ("street cars", "bus")],
)  # fmt: skip
def test_a_compound_of_two_words_is_read_as_the_one_word_that_it_is(phrase, main):
    assert read_prompt(f"a {phrase}").main == main


def test_several_nouns_on_surroundings_leave_the_object_before_them():
    assert (read_prompt("tree winter snow").tokens, read_prompt("tree winter snow").nothing) == (
        ("tree",),
        ("winter", "snow"),
    )


def test_the_statue_of_an_animal_is_made_and_not_what_it_stands_on():
    reading = read_prompt("a dragon statue on a red table")
    assert (reading.main, reading.others) == ("dragon", ("a red table",))


@pytest.mark.parametrize(
    ("prompt", "told"),
    [
        ("a car wheel", "'car wheel' is read as car."), ("dog ears", "'dog ears' is read as dog."),
        ("the wheel of a car", "'wheel of a car' is read as car."),
        ("a roof on a house", "'roof on a house' is read as house."),
        ("a red teapot lid", "'teapot lid' is read as teapot."),
    ],
)  # fmt: skip
@pytest.mark.parametrize("model", ["", "mini/point-e"])
def test_a_part_alone_is_told_to_be_made_with_its_whole_object(trained_model, prompt, told, model):
    assert notice(prompt, model) == told


@pytest.mark.parametrize(
    "prompt", ["a car with a wheel", "a car with wheels", "a dog, black ears", "a snowman with a red scarf", "a table"]
)
def test_an_object_with_its_parts_is_not_told(prompt):
    assert notice(prompt) == ""


@pytest.mark.parametrize(
    ("prompt", "tokens", "unused"),
    [
        ("a boat on the water", ("boat",), "water"), ("a red boat on blue water", ("red", "boat"), "blue water"),
        ("a house on fire", ("house",), "fire"), ("a car on a road", ("car",), "road"),
        ("a house by the road", ("house",), "road"), ("a cat on a mattress", ("cat",), "mattress"),
        ("a robot on wheels", ("robot",), "wheels"), ("a dog next to a red gate", ("dog",), "red gate"),
    ],
)  # fmt: skip
def test_what_is_around_an_object_is_no_part_of_it(prompt, tokens, unused):
    assert read_prompt(prompt).tokens == tokens
    assert notice(prompt) == f"{NOTHING}{unused}."


@pytest.mark.parametrize(
    ("prompt", "tokens"),
    [
        ("a flower in a pot", ("flower", "pot")), ("cheese on a board", ("cheese", "board")),
        ("an egg in an egg cup", ("egg", "egg cup")), ("a lamp on a wooden base", ("lamp", "wooden", "base")),
        ("a car in red", ("car", "red")), ("a castle of stone", ("castle", "stone")),
        ("a vase in stone", ("vase", "stone")),
        ("a basket of apples", ("basket", "apple")), ("a cup of tea", ("cup", "tea")),
    ],
)  # fmt: skip
def test_a_part_and_a_material_after_a_preposition_stay(prompt, tokens):
    assert read_prompt(prompt).tokens == tokens


@pytest.mark.parametrize(
    ("prompt", "tokens", "others"),
    [
        ("a chair in front of a house with a red roof", ("chair",), ("a house with a red roof",)),
        ("a cat on a bicycle with red pedals", ("cat",), ("a bicycle with red pedals",)),
        ("a mug on a table with a red handle", ("mug", "with", "red", "handle"), ("a table",)),
        ("a cat cushion", ("pillow",), ("cat",)),
        ("red chair blue car", ("red", "chair"), ("blue car",)),
        ('"red chair" "blue car"', ("red", "chair"), ("blue car",)),
        ("an apple green chair", ("green", "chair"), ()),
        ("a fire engine red chair", ("red", "chair"), ()),
    ],
)
def test_another_object_is_left_out_with_its_color_and_parts(prompt, tokens, others):
    assert (read_prompt(prompt).tokens, read_prompt(prompt).others) == (tokens, others)


@pytest.mark.parametrize(
    ("prompt", "tokens"),
    [
        ("a ruby", ("red", "gem")), ("an emerald", ("green", "gem")), ("a pink sapphire", ("pink", "gem")),
        ("a ruby sword", ("red", "sword")), ("a diamond sword", ("sword",)), ("diamonds", ("gem",)),
        ("a crown with a ruby", ("crown", "with", "red", "gem")), ("a green orange", ("green", "apple")),
        ("rubies", ("red", "gem")), ("emeralds", ("green", "gem")), ("two sapphires", ("blue", "gem")),
        ("garnets", ("red", "gem")), ("peridots", ("green", "gem")), ("gems", ("gem",)),
        ("a crown with rubies", ("crown", "with", "red", "gem")), ("pink sapphires", ("pink", "gem")),
        ("a crown with emeralds", ("crown", "with", "green", "gem")),
    ],
)  # fmt: skip
def test_a_gem_has_the_color_of_its_name_and_colors_other_objects(prompt, tokens):
    assert read_prompt(prompt).tokens == tokens


def test_a_model_without_gems_reads_ruby_as_a_color(trained_model):
    assert read_prompt("a ruby", "mini/point-e").tokens == ("red",)


@pytest.mark.parametrize(
    ("prompt", "main", "denied"),
    [
        ("a chair, do not add arms", "chair", ("not add arms",)), ("a chair, don't use red legs", "chair",
        ("don't use red legs",)), ("do not draw a cat", "", ("not draw a cat",)),
    ],
)  # fmt: skip
def test_a_verb_after_a_negation_denies_what_follows(prompt, main, denied):
    assert (read_prompt(prompt).main, read_prompt(prompt).denied) == (main, denied)
    assert read_prompt(prompt).tokens == ((main,) if main else ())


def test_no_sentence_has_a_gap_where_nothing_is_made(trained_model):
    assert notice("a star-shaped balloon").endswith(f"{NOTHING}balloon. Not used without an object: star.")
    assert "Read as" not in notice("un verbe")
    assert "Read as" not in notice("ein Drache", "mini/point-e")


@pytest.mark.parametrize(
    ("prompt", "tokens"),
    [
        ("una tarta con velas", ("cake", "with", "candle")), ("una vela roja", ("red", "candle")),
        ("un barco con velas blancas", ("boat", "with", "white", "sail")), ("ein Glas Wasser", ("cup",)),
        ("eine Truhe mit goldenem Schloss", ("chest", "with", "golden", "lock")), ("ein Schloss", ("castle",)),
        ("un gato café", ("brown", "cat")), ("una taza de café", ("cup",)),
        ("un rubí", ("gem",)), ("ein Smaragd", ("gem",)),
        ("une tasse de café", ("cup", "coffee")), ("un vaso de agua", ("cup",)), ("eine Vase aus Glas", ("vase",)),
    ],
)  # fmt: skip
def test_a_foreign_name_of_two_things_is_read_as_the_one_that_fits(prompt, tokens):
    assert read_prompt(prompt).tokens == tokens
