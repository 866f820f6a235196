# SPDX-License-Identifier: GPL-3.0-or-later
"""Prompts as people write them for other programs: commands, measurements, short forms, questions, long sentences."""

import pytest

from blender_text3d.prompts.notices import prompt_notice
from blender_text3d.prompts.reader import read_prompt
from blender_text3d.prompts.vocabulary import read_vocabulary


def notice(prompt: str) -> str:
    return prompt_notice(read_prompt(prompt), read_vocabulary()) or ""


@pytest.mark.parametrize(
    ("prompt", "told"),
    [
        ("red car --ar 16:9 --v 5", "Words on style and rendering have no effect: --ar 16:9, --v 5."),
        ("a red car —ar 16:9", "Words on style and rendering have no effect: —ar 16:9."),
        ("<lora:lowpoly_v2:0.8>, a red car", "Words on style and rendering have no effect: <lora:lowpoly_v2:0.8>."),
        ("a red car https://example.com/car.png",
         "Words on style and rendering have no effect: https://example.com/car.png."),
        ("a red car --no wheels, red lights", "A prompt cannot exclude anything; not used: --no wheels, red lights."),
        ("a red car. Negative prompt: wheels, blue", "A prompt cannot exclude anything; not used: negative prompt, "
         "wheels, blue."),
        ("a red car, T-pose, symmetrical", "Words on style and rendering have no effect: t-pose, symmetrical."),
        ("/imagine prompt: a red car", ""), ('{"prompt": "a red car"}', ""), ("(red:1.3) ((car))", ""),
    ],
)  # fmt: skip
def test_commands_of_other_programs_are_told_and_change_nothing(prompt, told):
    assert read_prompt(prompt).tokens == ("red", "car")
    assert notice(prompt) == told


@pytest.mark.parametrize(
    ("prompt", "told"),
    [
        ("a 120 cm wide chair", "120 cm wide"), ("a 2 m tall chair", "2 m tall"), ("a 5-foot-tall chair",
        "5-foot-tall"),
        ("a 30cm chair", "30cm"), ("a chair 50x50x100", "50x50x100"), ("a chair, 1.5m x 0.8m x 0.75m",
         "1.5m x 0.8m x 0.75m"), ('a 10" chair', '10"'), ("a chair two meters high", "two meters high"),
        ("a chair 12 inches across", "12 inches across"), ("a chair 50 x 50 x 100 cm", "50 x 50 x 100 cm"),
    ],
)  # fmt: skip
def test_a_measurement_is_told_and_counts_and_widens_nothing(prompt, told):
    assert read_prompt(prompt).tokens == ("chair",)
    assert notice(prompt) == f"The size has its own setting; not used: {told}."


@pytest.mark.parametrize(
    "prompt", ["a wide chair", "a chair with two feet", "a 2 legged dog", "3 in a row of cars", "a foot stool"]
)
def test_other_numbers_are_no_measurements(prompt):
    assert read_prompt(prompt).measurements == ()


@pytest.mark.parametrize(
    ("prompt", "unknown"),
    [("an F-16 plane", ("f-16",)), ("a B-52 bomber", ("b-52",)), ("R2-D2, a robot", ("r2-d2",)), ("a PS5", ("ps5",))],
)
def test_a_name_with_a_number_is_one_word_and_no_count(prompt, unknown):
    assert (read_prompt(prompt).unknown, read_prompt(prompt).counts) == (unknown, ())


@pytest.mark.parametrize(
    "prompt", ["Can you make me a red car?", "Hey, can u make a red car?", "I'd like a red car, thanks!",
    "gimme a red car",
               "What does a red car look like?", "a red version of the car", "show me a different red car, plz"],
)  # fmt: skip
def test_questions_and_pleas_are_passed_over(prompt):
    assert read_prompt(prompt).tokens == ("red", "car")
    assert notice(prompt) == ""


@pytest.mark.parametrize(
    ("prompt", "tokens"),
    [
        ("a chair w/ wheels", ("chair", "with", "wheel")), ("a chair w/o wheels", ("chair",)),
        ("a black & white dog", ("black", "white", "dog")), ("a chair + a table", ("chair",)),
        ("chair/table", ("chair",)),
        ("a chair vs a table", ("chair",)), ("a tower in the middle of a house", ("tower",)),
        ("a chair in front of a red window", ("chair",)), ("a castle made of glass", ("castle",)),
        ("a bottle full of red apples", ("bottle",)), ("no wheels car", ("car",)), ("a 1967 red car", ("red", "car")),
    ],
)  # fmt: skip
def test_short_forms_places_and_materials_are_read(prompt, tokens):
    assert read_prompt(prompt).tokens == tokens


@pytest.mark.parametrize(
    ("prompt", "told"),
    [
        ("two donuts", "Only one donut is made; not used: two."),
        ("snowmen", ""),
        ("a snow man", ""),
        ("a three-legged stool", "Not used, since the model knows nothing like it: three-legged."),
        ("a king-size bed", "'king size bed' is read as bed."),
        ("a glass vase", "Not used, since the model knows nothing like it: glass."),
        ("books and a coffee mug", "Only one object is made, the mug; not used: books."),
        ("a light chair", "Not used, since the model knows nothing like it: light."),
        ("a house in the woods", "Not used, since the model knows nothing like it: the woods."),
        ("a lamp made of brushed aluminium", "'brushed aluminium' is read as silver."),
        ("a chair in soft morning light", "Words on style and rendering have no effect: soft morning light."),
        ("a chair (<500 tris)", "Words on style and rendering have no effect: tris."),
        ("a bottle of amber", "Not used, since the model knows nothing like it: amber."),
        ("a medieval sword", "Words on style and rendering have no effect: medieval."),
    ],
)
def test_notices_are_short_and_true(prompt, told):
    assert notice(prompt) == told


def test_a_long_description_is_told_in_order_of_importance():
    prompt = (
        "A cozy small cottage in the middle of a dark forest, with smoke coming out of the chimney, surrounded by tall "
        "pine trees, at sunset, cinematic lighting"
    )
    assert read_prompt(prompt).tokens == ("small", "house", "with", "chimney")
    assert notice(prompt) == (
        "Not used, since the model knows nothing like them: cozy, dark forest, smoke, sunset. Only one object is made, "
        "the house; not used: tall pine trees. Words on style and rendering have no effect: cinematic lighting."
    )
