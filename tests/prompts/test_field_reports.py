# SPDX-License-Identifier: GPL-3.0-or-later
"""Prompts that people reported, by the row of the field reports, and further ones of each row's kind."""

import pytest

from blender_text3d.prompts.notices import prompt_notice
from blender_text3d.prompts.reader import Reading, read_prompt
from blender_text3d.prompts.vocabulary import read_vocabulary


def read(prompt: str) -> Reading:
    reading = read_prompt(prompt)
    assert reading is not None
    return reading


def notice(prompt: str) -> str:
    return prompt_notice(read(prompt), read_vocabulary()) or ""


def cases(row: int, reported: list, own: list) -> list:
    """Return the inputs of a row, and those of the same kind, with ids that name the row."""
    assert len(own) >= 10
    named = [(f"field report {row}", case) for case in reported] + [(f"like field report {row}", case) for case in own]
    values = [(name, case if isinstance(case, tuple) else (case,)) for name, case in named]
    return [pytest.param(*case, id=f"{name}: {case[0]}") for name, case in values]


@pytest.mark.parametrize(
    "prompt",
    cases(
        1,
        ["a rock", "a beak", "a door", "a book", "a marble", "an iron"],
        ["a wheel", "a window", "a leg", "a scarf", "bronze", "a brick", "chrome", "a light", "golden", "steel",
         "a red roof", "big and blue", "a sail", "a coal", "the wings"],
    ),
)  # fmt: skip
def test_a_word_that_is_no_object_alone_is_told_with_what_can_be_made(prompt):
    assert read(prompt).main == ""
    assert notice(prompt).startswith("No object that this model can make is named. Name one, such as chair, castle")
    assert f"'{read(prompt).items[-1].text}' alone is only a " in notice(prompt)


@pytest.mark.parametrize(
    ("prompt", "tokens"),
    cases(
        1,
        [("a rose", ("flower",)), ("an orange", ("orange", "apple"))],
        [("an oak", ("tree",)), ("a pine", ("pine",)), ("a fir", ("pine",)), ("a lime", ("green", "apple")),
         ("a violet", ("flower",)), ("a lilac", ("flower",)), ("an ebony", ("tree",)), ("a hazel", ("tree",)),
         ("a walnut", ("tree",)), ("a peach", ("apple",)), ("a lavender", ("flower",)), ("two roses", ("flower",))],
    ),
)  # fmt: skip
def test_a_noun_that_is_also_a_color_is_an_object_alone(prompt, tokens):
    assert read(prompt).tokens == tokens


@pytest.mark.parametrize(
    ("prompt", "plain"),
    cases(
        2,
        [("a light green chair", "a green chair"), ("a dark red chair", "a red chair"),
         ("a dark green bottle", "a green bottle")],
        [("a pale blue mug", "a blue mug"), ("a deep purple vase", "a purple vase"),
         ("a pastel pink bed", "a pink bed"),
         ("a neon yellow car", "a yellow car"), ("a navy blue boat", "a blue boat"),
         ("a mint green lamp", "a green lamp"),
         ("a light brown dog", "a brown dog"), ("a blood red sword", "a red sword"),
         ("a very dark gray castle", "a gray castle"), ("a light-blue key", "a blue key"),
         ("a bluish house", "a blue house"), ("a hotpink donut", "a pink donut"), ("a darkgreen tree", "a green tree")],
    ),
)  # fmt: skip
def test_a_shade_is_read_as_its_plain_color_and_told(prompt, plain):
    assert read(prompt).tokens == read(plain).tokens
    assert " is read as " in notice(prompt)


@pytest.mark.parametrize(
    ("prompt", "plain"),
    cases(
        3,
        [("a low poly tree", "a tree"), ("a low poly car", "a car"), ("a high quality chair", "a chair"),
         ("a red car on a white background", "a red car"), ("a truck with a matte finish", "a truck")],
        [("a highly detailed castle", "a castle"), ("a wide shot of a boat", "a boat"),
         ("a bus, long exposure", "a bus"),
         ("a robot, small details", "a robot"), ("a vase, thick outlines", "a vase"),
         ("3d model of a dog, 4k", "a dog"), ("a mug in the style of a golden age poster", "a mug"),
         ("a medieval sword, game asset", "a sword"), ("a low resolution photo of a key", "a key"),
         ("a lamp, black background, studio light", "a lamp"), ("a car --ar 16:9 --v 5", "a car"),
         ("<lora:lowpoly:0.8> a pine", "a pine"), ("a bed, HDR", "a bed"),
         ("a cyberpunk bus, T-pose, PBR", "a bus")],
    ),
)  # fmt: skip
def test_words_on_style_leave_the_tokens_of_the_plain_prompt_and_are_told(prompt, plain):
    assert read(prompt).tokens == read(plain).tokens
    assert "Words on style and rendering have no effect: " in notice(prompt)


@pytest.mark.parametrize(
    ("prompt", "tokens"),
    cases(
        4,
        [("an apple tree", ("tree",)), ("an oak tree", ("tree",)), ("an orange tree", ("tree",)),
         ("a car key", ("key",)),
         ("an arm chair", ("armchair",)), ("a robot dog", ("dog",)), ("a flower pot", ("vase",)),
         ("an army truck", ("truck",)), ("a red chair and a blue table", ("red", "chair")),
         ("a dog on a bed", ("dog",)),
         ("a boat in a bottle", ("boat",)), ("a flower vase", ("vase",))],
        [("a mushroom house", ("house",)), ("a dog bed", ("bed",)), ("a bus and two cars", ("bus",)),
         ("a castle tower", ("tower",)), ("a rocket lamp", ("lamp",)), ("a key on a shelf", ("key",)),
         ("a sword beside a red mug", ("sword",)), ("a snowman with a hat and a dog", ("snowman", "with", "hat")),
         ("an apple / a donut", ("apple",)), ("a house boat", ("boat",)), ("a pine next to a house", ("pine",)),
         ("a chair in front of a table", ("chair",)), ("an ice cream truck", ("truck",)),
         ("a glass table", ("table",))],
    ),
)  # fmt: skip
def test_of_two_nouns_the_head_is_made_and_the_rest_is_told(prompt, tokens):
    assert read(prompt).tokens == tokens
    assert notice(prompt) or prompt == "an arm chair"


LONG = "a blue chair with red legs and a green seat and yellow armrests and a white backrest and a black cushion and "


@pytest.mark.parametrize(
    ("prompt", "beyond"),
    cases(
        6,
        [(f"{LONG}pink legs", ("cushion", "pink", "leg"))],
        [(f"{LONG}{rest}", ("cushion", *rest.split()))
         for rest in ("gray handle", "red", "tall", "wooden leg", "golden top", "purple edge", "big back", "white dot",
                      "green screen", "silver base", "black")],
    ),
)  # fmt: skip
def test_what_is_beyond_twelve_words_is_told_by_name(prompt, beyond):
    assert read(prompt).beyond == beyond
    assert f"Only the first 12 known words are used; not used: {', '.join(beyond)}." in notice(prompt)


@pytest.mark.parametrize(
    "words",
    cases(
        6,
        ["shiny futuristic cyberpunk neon glowing hovering ornate dragon"],
        ["happy ancient holy angry sad lonely hungry tired", "wizard horse whale shark zebra tiger lion monkey"]
        + [f"{'zorgblat'[:n]}q florb wibble plonk grib" for n in range(3, 9)]
        + ["dragon unicorn phoenix", "lucky", "noisy quiet loud calm brave shy funny weird evil"],
    ),
)  # fmt: skip
def test_every_word_without_effect_is_named(words):
    told = notice(f"a {words} chair")
    assert [word for word in words.split() if word not in told] == []


@pytest.mark.parametrize(
    ("prompt", "told"),
    cases(
        11,
        [("four apples", "Only one apple is made; not used: four."), ("three apples", "not used: three."),
         ("two red chairs", "not used: two."), ("3 apples", "not used: 3."),
         ("a chair with three legs", "The number of legs cannot be chosen; not used: three.")],
        [("a dozen donuts", "not used: dozen."), ("12 mugs", "not used: 12."),
         ("several tall lamps", "not used: several."),
         ("a pair of keys", "not used: pair."), ("chairs x3", "not used: x3."), ("2x swords", "not used: 2x."),
         ("a robot with six arms", "The number of arms cannot be chosen; not used: six."),
         ("a row of houses", "not used: row."), ("a hundred boats", "not used: hundred."),
         ("many green bottles", "not used: many."), ("five couches", "Only one sofa is made; not used: five."),
         ("two cars and a bus", "Only one object is made, the car; not used: two, a bus.")],
    ),
)  # fmt: skip
def test_a_count_is_told(prompt, told):
    assert told in notice(prompt)


@pytest.mark.parametrize(
    ("prompt", "plain"),
    cases(
        12,
        [("a chair without arms", "a chair"), ("a table with no legs", "a table"),
         ("a snowman with no hat", "a snowman"),
         ("a car, not red", "a car")],
        [("a house that isn't white", "a house"), ("a bed minus pillows", "a bed"), ("a dog lacking a tail", "a dog"),
         ("a blue mug without a handle", "a blue mug"), ("a boat w/o sails", "a boat"),
         ("a robot --no arms, legs", "a robot"),
         ("a lamp. Negative prompt: red, tall", "a lamp"), ("a non-red key", "a key"), ("an armless chair", "a chair"),
         ("no legs table", "a table"), ("a castle, but no towers or flags", "a castle"),
         ("a sword, never red", "a sword")],
    ),
)  # fmt: skip
def test_what_is_denied_is_dropped_and_told(prompt, plain):
    assert read(prompt).tokens == read(plain).tokens
    assert "A prompt cannot exclude anything; not used: " in notice(prompt)


@pytest.mark.parametrize(
    ("prompt", "told"),
    cases(
        13,
        [("a loveseat", "'loveseat' is read as sofa."), ("a recliner", "'recliner' is read as armchair."),
         ("a teak table", "'teak' is read as wooden."), ("a bluish car", "'bluish' is read as blue.")],
        [("a racehorse", "'racehorse' is read as horse."), ("a lantern", "'lantern' is read as lamp."),
         ("a goblet", "'goblet' is read as cup."), ("a dagger", "'dagger' is read as sword."),
         ("a taxi", "'taxi' is read as car."), ("a wristwatch", "'wristwatch' is read as clock."),
         ("a pirate ship", "'pirate ship' is read as sailboat."), ("a wolf", "'wolf' is read as dog."),
         ("a tulip", "'tulip' is read as flower."),
         ("an enormous vase", "'enormous' is read as big."), ("a fatter mug", "'fatter' is read as wide."),
         ("a bank", "'bank' is not used; for something like it, write 'house'.")],
    ),
)  # fmt: skip
def test_a_synonym_is_used_or_offered_and_told(prompt, told):
    assert told in notice(prompt)


@pytest.mark.parametrize(
    "word",
    cases(
        13,
        ["cat", "quality"],
        ["horse", "catfish", "dragon", "can", "bowling", "planet", "carpet", "chain", "lap", "monkey",
         "stooge", "tennis", "crow"],
    ),
)  # fmt: skip
def test_an_english_word_is_not_taken_for_a_typo(word):
    assert "similar" not in notice(f"a {word}")


@pytest.mark.parametrize(
    "word",
    cases(
        14,
        ["finish", "army", "busy", "irony", "tally", "capes", "hates"],
        ["carbon", "bushel", "treaty", "dogma", "castaway", "keyboard", "lampoon", "bedlam", "towel", "planetary",
         "vegetable", "premiership", "mugger", "headliner"],
    ),
)  # fmt: skip
def test_a_word_inside_another_is_not_read(word):
    assert read(f"a {word} chair").tokens == ("chair",)


@pytest.mark.parametrize(
    ("prompt", "tokens"),
    cases(
        23,
        [("ein roter Stuhl", ("red", "chair")), ("ｒｅｄ ｃｈａｉｒ", ("red", "chair"))],
        [("une chaise rouge", ("red", "chair")), ("una silla roja", ("red", "chair")),
         ("una sedia rossa", ("red", "chair")),
         ("ＢＬＵＥ ＭＵＧ", ("blue", "mug")), ("ein grosses Schloss", ("big", "castle")),
         ("un árbol verde", ("green", "tree")),
         ("una corona d'oro", ("golden", "crown")), ("une petite voiture", ("small", "car")),
         ("a rèd châir", ("red", "chair")),
         ("drei Äpfel", ("apple",)), ("a red stuhl", ("red", "chair")), ("a table on the porte", ("table",))],
    ),
)  # fmt: skip
def test_other_languages_and_letters_are_read(prompt, tokens):
    assert read(prompt).tokens == tokens


@pytest.mark.parametrize(
    "prompt",
    cases(
        23,
        ["红色的椅子", "красный стул"],
        ["赤い椅子", "빨간 의자", "כיסא אדום", "كرسي أحمر", "κόκκινη καρέκλα", "червоний стілець", "cadeira vermelha",
         "punainen tuoli", "piros szék", "zorg", "crveni stolac"],
    ),
)  # fmt: skip
def test_an_unknown_language_is_told_with_its_words(prompt):
    told = notice(prompt)
    assert told.startswith("No object that this model can make is named.")
    assert [word for word in prompt.split() if word not in told] == []


@pytest.mark.parametrize(
    ("prompt", "tokens"),
    cases(
        38,
        [("RED CHAIR!!!", ("red", "chair")), ("red_chair", ("red", "chair")), ('"a red chair"', ("red", "chair")),
         ("red/blue chair", ("red", "blue", "chair")), ("a red-chair", ("red", "chair")),
         ("a grey car", ("gray", "car")),
         ("1. a blue car", ("blue", "car")), ("please give me a red chair", ("red", "chair"))],
        [("(red:1.3) chair", ("red", "chair")), ("((blue)) mug", ("blue", "mug")),
         ("a [red|blue] key", ("red", "blue", "key")),
         ("a 🔥 red 🔥 dog", ("red", "dog")), ("the king's crown", ("crown",)),
         ("Create me a castle, please!", ("castle",)),
         ("Can you make me a small boat?", ("small", "boat")), ("/imagine prompt: a lamp", ("lamp",)),
         ('{"prompt": "a vase"}', ("vase",)), ("a chair:red", ("chair", "red")), ("gimme a sword", ("sword",)),
         ("a 120 cm wide table", ("table",)), ("a 5-foot-tall snowman", ("snowman",)),
         ("skyblue car", ("blue", "car"))],
    ),
)  # fmt: skip
def test_form_and_punctuation_do_not_matter(prompt, tokens):
    assert read(prompt).tokens == tokens
    assert not read(prompt).unknown


@pytest.mark.parametrize(
    ("typed", "meant"),
    cases(
        38,
        [("chari", "chair"), ("mashroom", "mushroom")],
        [("tabel", "table"), ("castel", "castle"), ("rokcet", "rocket"), ("hammmer", "hammer"), ("wodden", "wooden"),
         ("yelow", "yellow"), ("bottel", "bottle"), ("snowmna", "snowman"), ("armchiar", "armchair"),
         ("teepot", "teapot"),
         ("purpel", "purple")],
    ),
)  # fmt: skip
def test_a_typo_is_named_with_the_right_word_first(typed, meant):
    assert f"{typed} (similar: {meant}" in notice(f"a {typed}")
