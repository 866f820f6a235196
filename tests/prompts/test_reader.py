# SPDX-License-Identifier: GPL-3.0-or-later
"""Prompts are read as a person means them: styles, negations, counts, compounds, shades and other objects."""

import pytest

from blender_text3d.prompts.reader import MAX_TOKENS, Reading, read_prompt
from blender_text3d.prompts.vocabulary import read_vocabulary


def read(prompt: str) -> Reading:
    reading = read_prompt(prompt)
    assert reading is not None
    return reading


@pytest.mark.parametrize(
    "prompt",
    ["a red chair", "a tall red chair with white legs", "two wooden shelves", "a doughnut, pink", "red and blue car",
     "a chair, red, wooden, tall", "a black and white dog", "a lamp with a green light", "a car in red", "golden",
     "a house with a red roof and a blue door", "ice-cream cone", "a car wheel", "", "a chair that is orange"],
)  # fmt: skip
def test_known_words_give_the_tokens_of_training(prompt):
    assert read(prompt).tokens == read_vocabulary().tokens(prompt)


@pytest.mark.parametrize(
    "prompt", ["a rock", "a beak", "a door", "a book", "a marble", "a copper", "an iron", "golden", "red", "a wheel",
               "a light", "a gold brick", "", "with legs", "a red beak"],
)  # fmt: skip
def test_a_prompt_without_an_object_makes_none(prompt):
    assert read(prompt).main == ""


@pytest.mark.parametrize(
    ("plain", "styled"),
    [
        ("a chair", "a high quality chair"),
        ("a tree", "a low poly tree"),
        ("a red car", "a red car on a white background"),
        ("a truck", "a truck with a matte finish"),
        ("a red car", "3D model of a red car"),
        ("a wooden chair", "a highly detailed 4k photorealistic wooden chair, octane render"),
        ("a pine tree", "low-poly pine tree, game asset, white background"),
        ("a red car", "a red car white background"),
        ("a blue mug", "a high-quality 3d render of a blue mug"),
        ("a blue castle", "a blue castle in cartoon style"),
        ("a robot", "a robot, pixar style, cinematic lighting, depth of field"),
        ("a small house", "a small house in the style of Studio Ghibli, isometric view"),
        ("a rocket with red fins", "a rocket inspired by Jules Verne with red fins"),
        ("a boat", "a wide angle shot of a boat"),
        ("a castle", "a dark fantasy castle"),
        ("a dog", "a dog, trending on artstation, unreal engine 5"),
        ("a lamp", "low resolution photo of a lamp"),
        ("a teapot", "a teapot, thick outlines, fine details, high contrast"),
        ("a green bottle", "a green bottle, studio lighting, black background, 8K, UHD"),
        ("a chair with red legs", "a chair with a glossy finish and red legs"),
        ("a red house", "a red house, great quality, clean topology, for unreal engine"),
    ],
)
def test_words_on_style_change_nothing(plain, styled):
    assert read(styled).tokens == read(plain).tokens
    assert read(styled).looks


@pytest.mark.parametrize(
    ("prompt", "tokens", "denied"),
    [
        ("a chair without arms", ("chair",), ("without arms",)),
        ("a table with no legs", ("table",), ("with no legs",)),
        ("a snowman with no hat", ("snowman",), ("with no hat",)),
        ("a car, not red", ("car",), ("not red",)),
        ("a chair no arms", ("chair",), ("no arms",)),
        ("a chair with no arms or legs", ("chair",), ("with no arms or legs",)),
        ("a car without wheels and windows", ("car",), ("without wheels and windows",)),
        ("a dog without a tail and a collar", ("dog",), ("without a tail and a collar",)),
        ("a house without windows but with a red door", ("house", "with", "red", "door"), ("without windows",)),
        ("a not red car", ("car",), ("not red",)),
        ("a mug that is not blue", ("mug",), ("not blue",)),
        ("a robot, no antenna, no arms", ("robot",), ("no antenna", "no arms")),
        ("an armless chair", ("chair",), ("armless",)),
        ("a snowman that doesn't have a hat", ("snowman",), ("doesn't have a hat",)),
        ("a blue car instead of a red car", ("blue", "car"), ("instead of a red car",)),
        ("a chair without red legs, blue", ("chair", "blue"), ("without red legs",)),
    ],
)
def test_what_is_denied_is_not_asked_for(prompt, tokens, denied):
    assert (read(prompt).tokens, read(prompt).denied) == (tokens, denied)


@pytest.mark.parametrize(
    ("prompt", "tokens", "counts"),
    [
        ("three apples", ("apple",), (("three", "apples", False),)),
        ("two red chairs", ("red", "chair"), (("two", "chairs", False),)),
        ("3 apples", ("apple",), (("3", "apples", False),)),
        ("a chair with three legs", ("chair", "with", "leg"), (("three", "legs", True),)),
        ("four apples", ("apple",), (("four", "apples", False),)),
        ("2 bottles", ("bottle",), (("2", "bottles", False),)),
        ("a pair of chairs", ("chair",), (("pair", "chairs", False),)),
        ("a dozen donuts", ("donut",), (("dozen", "donuts", False),)),
        ("a row of houses", ("house",), (("row", "houses", False),)),
        ("five small red mushrooms", ("small", "red", "mushroom"), (("five", "mushrooms", False),)),
        ("several trees", ("tree",), (("several", "trees", False),)),
        ("a car with 6 wheels", ("car", "with", "wheel"), (("6", "wheels", True),)),
        ("１２ boats", ("boat",), (("１２", "boats", False),)),
        ("a two-story house", ("house",), ()),
        ("one red chair", ("red", "chair"), ()),
        ("a single mug", ("mug",), ()),
        ("a red chair, 7", ("red", "chair"), ()),
    ],
)
def test_a_count_is_told_and_one_is_made(prompt, tokens, counts):
    assert (read(prompt).tokens, read(prompt).counts) == (tokens, counts)


@pytest.mark.parametrize(
    ("prompt", "tokens", "read_as"),
    [
        ("a light green chair", ("green", "chair"), ("light green", "green")),
        ("a dark red chair", ("red", "chair"), ("dark red", "red")),
        ("a dark green bottle", ("green", "bottle"), ("dark green", "green")),
        ("pastel blue vase", ("blue", "vase"), ("pastel blue", "blue")),
        ("a bluish chair", ("blue", "chair"), ("bluish", "blue")),
        ("a reddish dog", ("red", "dog"), ("reddish", "red")),
        ("off-white mug", ("white", "mug"), ("off white", "white")),
        ("navy blue chair", ("blue", "chair"), ("navy blue", "blue")),
        ("a car with dark gray wheels", ("car", "with", "gray", "wheel"), ("dark gray", "gray")),
        ("a chair in burnt orange", ("chair", "orange"), ("burnt orange", "orange")),
        ("bright yellow bus", ("yellow", "bus"), ("bright yellow", "yellow")),
        ("a cherry red car", ("red", "car"), ("cherry red", "red")),
        ("an apple green chair", ("green", "chair"), ("apple green", "green")),
        ("a dark wooden table", ("wooden", "table"), ("dark wooden", "wooden")),
        ("a rose gold crown", ("golden", "crown"), ("rose gold", "golden")),
        ("a fire-engine red car", ("red", "car"), ("fire engine red", "red")),
        ("very light pastel pink donut", ("pink", "donut"), ("light pastel pink", "pink")),
    ],
)
def test_a_shade_is_its_plain_color(prompt, tokens, read_as):
    assert read(prompt).tokens == tokens
    assert read_as in read(prompt).read_as


@pytest.mark.parametrize(
    ("prompt", "tokens"),
    [
        ("an apple tree", ("tree",)), ("an oak tree", ("tree",)), ("an orange tree", ("tree",)),
        ("an arm chair", ("armchair",)), ("a car key", ("key",)), ("a flower pot", ("vase",)),
        ("an army truck", ("truck",)), ("an ice cream cone", ("icecream",)), ("a flower vase", ("vase",)),
        ("a red fire engine", ("red", "truck")), ("a tree house", ("house",)), ("a double decker bus", ("bus",)),
        ("a water bottle", ("bottle",)), ("two sports cars", ("car",)), ("a coffee cup", ("cup",)),
        ("a light house", ("lighthouse",)), ("a black space shuttle", ("black", "spaceship")),
        ("a spacecraft", ("spaceship",)), ("two spacecrafts", ("spaceship",)), ("a space craft", ("spaceship",)),
        ("starships", ("spaceship",)), ("a star ship", ("spaceship",)), ("a space rocket", ("rocket",)),
        ("rocket ships", ("rocket",)),
        ("a christmas tree", ("pine",)),
    ],
)  # fmt: skip
def test_a_compound_is_one_object(prompt, tokens):
    assert read(prompt).tokens == tokens


@pytest.mark.parametrize(
    ("prompt", "tokens"),
    [
        ("a coffeemug", ("mug",)), ("a skyblue car", ("blue", "car")), ("a darkgrey castle", ("gray", "castle")),
        ("a gardenchair", ("chair",)), ("an appletree", ("tree",)), ("a racecar", ("car",)),
        ("a hotpink vase", ("pink", "vase")),
        ("a jetblack key", ("black", "key")), ("two toyrobots", ("robot",)), ("a masterkey", ("key",)),
        ("a cherryblossom", ("flower",)), ("a cowshed", ("house",)), ("a schoolbag and a spaceshuttle", ("backpack",)),
        ("a racehorse", ("horse",)), ("a wristwatch", ("clock",)), ("two swordfishes", ("fish",)),
    ],
)  # fmt: skip
def test_a_compound_written_as_one_word_is_read_by_its_last_word(prompt, tokens):
    reading = read(prompt)
    assert reading.tokens == tokens
    assert reading.read_as


@pytest.mark.parametrize(
    "prompt", ["a jellyfish", "something bootable", "a premiership", "an eyeliner", "inspirred", "cobwebbed",
               "a lifecoach", "something covetable", "a yellowhammer", "a pushchair", "a nosecone"],
)  # fmt: skip
def test_a_word_that_only_ends_like_a_compound_is_no_object(prompt):
    assert read(prompt).main == ""


@pytest.mark.parametrize(
    "prompt", ["a prairie dog", "a hot dog stand", "a pine cone", "a bus stop", "a flower bed", "a traffic cone",
               "a satellite dish", "a keyring", "a butter fly", "a rocket launcher"],
)  # fmt: skip
def test_a_compound_of_something_else_is_no_object(prompt):
    assert read(prompt).main == ""


@pytest.mark.parametrize(
    ("prompt", "tokens", "others"),
    [
        ("a robot dog", ("dog",), ("robot",)),
        ("a red chair and a blue table", ("red", "chair"), ("a blue table",)),
        ("a red chair and a blue table with green legs", ("red", "chair"), ("a blue table with green legs",)),
        ("a car and a boat", ("car",), ("a boat",)),
        ("a mug on a table", ("mug",), ("a table",)),
        ("a mug on a red table", ("mug",), ("a red table",)),
        ("a dog on a bed", ("dog",), ("a bed",)),
        ("a boat in a bottle", ("boat",), ("a bottle",)),
        ("a red chair, a blue table, a green lamp", ("red", "chair"), ("a blue table", "a green lamp")),
        ("a castle with a red flag and a tree", ("castle", "with", "red", "flag"), ("a tree",)),
        ("a table with a bowl of apples", ("table",), ("a bowl of apples",)),
        ("a house next to a tree", ("house",), ("a tree",)),
        ("a robot holding a sword", ("robot",), ("a sword",)),
        ("a mushroom lamp", ("lamp",), ("mushroom",)),
        ("a mug on a table with a red handle", ("mug", "with", "red", "handle"), ("a table",)),
        ("a dog-shaped robot", ("robot",), ("dog",)),
        ("a robot shaped like a dog", ("robot",), ("a dog",)),
    ],
)
def test_of_two_objects_the_head_noun_is_made_and_the_rest_told(prompt, tokens, others):
    assert (read(prompt).tokens, read(prompt).others) == (tokens, others)


@pytest.mark.parametrize(
    ("prompt", "tokens"),
    [
        ("a rose", ("flower",)), ("a rose vase", ("pink", "vase")), ("a rose in a vase", ("flower",)),
        ("an oak", ("tree",)), ("an oak table", ("wooden", "table")), ("a chair made of oak", ("chair", "wooden")),
        ("an orange", ("orange", "apple")), ("an orange car", ("orange", "car")), ("a car, orange", ("car", "orange")),
        ("orange and blue car", ("orange", "blue", "car")), ("a pine", ("pine",)),
        ("a pine table", ("wooden", "table")), ("a marble table", ("white", "table")), ("a violet", ("flower",)),
        ("a violet mug", ("purple", "mug")), ("a fir", ("pine",)),
    ],
)  # fmt: skip
def test_the_other_words_decide_between_an_object_and_an_attribute(prompt, tokens):
    assert read(prompt).tokens == tokens


@pytest.mark.parametrize(
    ("prompt", "tokens", "nothing"),
    [
        ("a shiny metallic futuristic cyberpunk neon glowing hovering ornate dragon chair", ("silver", "chair"),
         ("neon", "glowing", "hovering", "ornate")),
        ("a shiny metallic futuristic neon glowing hovering ornate cloud chair", ("silver", "chair"),
         ("neon", "glowing", "hovering", "ornate", "cloud")),
        ("a chair with white and gold doodles and a cloud", ("chair",), ("white and gold doodles", "cloud")),
        ("a chair with red dragon wings", ("chair", "with", "red", "wing"), ()),
        ("a chair with red angel wings", ("chair", "with", "red", "wing"), ("angel",)),
        ("a kangaroo with a red cape on a castle", ("castle",), ("kangaroo", "red cape")),
        ("a cup of hot chocolate", ("cup",), ("hot chocolate",)),
        ("a bottle of wine", ("bottle",), ("wine",)),
        ("a red cloud-shaped key", ("red", "key"), ("cloud",)),
        ("a red heart-shaped key", ("red", "key"), ()),
        ("a glass of water", ("cup",), ("water",)), ("a leather armchair", ("armchair",), ("leather",)),
        ("a burger with extra cheese", ("burger", "with", "cheese"), ("extra",)),
        ("a black wooden chair with purple doodles", ("black", "wooden", "chair"), ("purple doodles",)),
        ("an ice cream cone with two scoops", ("icecream",), ("two scoops",)),
    ],
)  # fmt: skip
def test_words_without_a_stand_in_are_named_with_what_describes_them(prompt, tokens, nothing):
    assert (read(prompt).tokens, read(prompt).nothing) == (tokens, nothing)


def test_what_is_beyond_twelve_words_is_named():
    reading = read(
        "a blue chair with red legs and a green seat and yellow armrests and a white backrest and a black cushion and "
        "pink legs"
    )
    assert len(reading.tokens) == MAX_TOKENS
    assert reading.beyond == ("cushion", "pink", "leg")


def test_a_very_long_prompt_is_read_to_its_250th_word_and_the_rest_is_named():
    reading = read("a red chair " * 90 + "and a zorg")
    assert reading.beyond[-1].startswith("red chair a red chair")
    assert reading.unknown == ()


@pytest.mark.parametrize(
    ("prompt", "tokens"),
    [("a cactus with a red flower", ("cactus", "with", "red", "flower")),
     ("a truck with a blue bed", ("truck", "with", "blue", "bed")),
     ("a bed with a red pillow", ("bed", "with", "red", "pillow")),
     ("a snowman with a black hat", ("snowman", "with", "black", "hat")),
     ("a clock with red hands", ("clock", "with", "red", "hand")),
     ("a cake with blue candles", ("cake", "with", "blue", "candle")),
     ("a wand with a golden star", ("wand", "with", "golden", "star")),
     ("a chest with golden coins", ("chest", "with", "golden", "coin"))],
)  # fmt: skip
def test_an_object_that_is_a_part_of_another_stays(prompt, tokens):
    assert read(prompt).tokens == tokens


@pytest.mark.parametrize(
    ("prompt", "tokens"),
    [("ｒｅｄ ｃｈａｉｒ", ("red", "chair")), ("RED CHAIR!!!", ("red", "chair")), ("red_chair", ("red", "chair")),
     ("ａ blue ＭＵＧ", ("blue", "mug")), ("a rèd châir", ("red", "chair")), ("the knight’s sword", ("sword",)),
     ('"a red chair"', ("red", "chair")), ("red/blue chair", ("red", "blue", "chair")),
     ("a “tall” lamp", ("tall", "lamp")),
     ("ＲＥＤ－ＣＨＡＩＲ", ("red", "chair")), ("a réd ｃar", ("red", "car"))],
)  # fmt: skip
def test_width_case_and_accents_do_not_matter(prompt, tokens):
    assert read(prompt).tokens == tokens


@pytest.mark.parametrize(
    "prompt", ["🐉🔥", "כיסא אדום", "红色的椅子", "x" * 10_000, "a\u0000b", "'''", "with with", "- -", "1 2 3"]
)
def test_odd_text_never_fails(prompt):
    assert read(prompt).main == ""


def test_a_word_of_a_prompt_has_its_place():
    prompt = "An Ice-Cream  with a zorg"
    places = [prompt[item.start : item.end] for item in read(prompt).items]
    assert places == ["An", "Ice-Cream", "with", "a", "zorg"]
