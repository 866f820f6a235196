# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of single values: the limits belong to them, and the message names value and limits."""

import re

import pytest

from blender_text3d.protocol.errors import BadRequest
from blender_text3d.protocol.validation import (
    Choice,
    Flag,
    FloatRange,
    IntRange,
    Pattern,
    Text,
    check_choice,
    clean_prompt,
    truncated_repr,
)

DIGITS = Pattern(re.compile("[0-9]+"), "a number such as 42")


@pytest.mark.parametrize(
    ("constraint", "value"),
    [
        (IntRange(2, 5), 2),
        (IntRange(2, 5), 5),
        (FloatRange(0.5, 2), 0.5),
        (FloatRange(0.5, 2), 2),
        (FloatRange(0.5, 2), 1),
        (Choice((0, 90)), 90),
        (Choice(("mesh", "cloud")), "mesh"),
        (DIGITS, "42"),
        (Text(), ""),
        (Flag(), True),
        (Flag(), False),
    ],
    ids=str,
)
def test_accepted_values_pass(constraint, value):
    assert constraint.check("setting", value) is None


@pytest.mark.parametrize(
    ("constraint", "value", "message"),
    [
        (IntRange(2, 5), 1, "The setting is 1. Choose an integer from 2 to 5."),
        (IntRange(2, 5), 6, "The setting is 6. Choose an integer from 2 to 5."),
        (IntRange(0, 5), True, "The setting is True. Choose an integer from 0 to 5."),
        (IntRange(2, 5), 3.0, "The setting is 3.0. Choose an integer from 2 to 5."),
        (IntRange(2, 5), None, "The setting is None. Choose an integer from 2 to 5."),
        (FloatRange(0.5, 2), 0.49, "The setting is 0.49. Choose a number from 0.5 to 2."),
        (FloatRange(0.5, 2), 2.01, "The setting is 2.01. Choose a number from 0.5 to 2."),
        (FloatRange(0.5, 2), float("nan"), "The setting is nan. Choose a number from 0.5 to 2."),
        (FloatRange(0.5, 2), True, "The setting is True. Choose a number from 0.5 to 2."),
        (FloatRange(0.5, 2), "1", "The setting is '1'. Choose a number from 0.5 to 2."),
        (Choice((0, 90)), 45, "There is no setting 45. Choose one of: 0, 90."),
        (Choice((0, 90)), False, "There is no setting False. Choose one of: 0, 90."),
        (Choice((0, 90)), 90.0, "There is no setting 90.0. Choose one of: 0, 90."),
        (Choice(("mesh",)), "Mesh", "There is no setting 'Mesh'. Choose one of: mesh."),
        (DIGITS, "42x", "The setting is '42x'. Choose a number such as 42."),
        (DIGITS, "x42", "The setting is 'x42'. Choose a number such as 42."),
        (DIGITS, "42\n", "The setting is '42\\n'. Choose a number such as 42."),
        (DIGITS, 42, "The setting is 42. Choose a number such as 42."),
        (Text(), None, "The setting is None, which is not text. Generate the object again."),
        (Text(), b"x", "The setting is b'x', which is not text. Generate the object again."),
        (Flag(), 1, "The setting is 1. Choose true or false."),
        (Flag(), "true", "The setting is 'true'. Choose true or false."),
        (Flag(), None, "The setting is None. Choose true or false."),
    ],
    ids=str,
)
def test_other_values_are_refused_with_what_is_accepted(constraint, value, message):
    with pytest.raises(BadRequest) as refusal:
        constraint.check("setting", value)
    assert str(refusal.value) == message


def test_a_choice_is_one_of_any_names():
    check_choice("quality", "draft", {"draft": 1, "exact": 2})
    with pytest.raises(BadRequest, match=r"^There is no quality 'best'\. Choose one of: draft, exact\.$"):
        check_choice("quality", "best", {"draft": 1, "exact": 2})


@pytest.mark.parametrize(
    ("typed", "prompt"),
    [
        ("a red chair", "a red chair"),
        (" \t a red chair \n", "a red chair"),
        ("a\nred\r\nchair", "a red chair"),
        ("a\t\t\tchair", "a chair"),
        ("a  red chair", "a  red chair"),
        ("?", "?"),
        ("5", "5"),
        ("🪑", "🪑"),
        ("a\u200bchair", "a\u200bchair"),
        ("x" * 1000, "x" * 1000),
        (" " + "x" * 1000 + " ", "x" * 1000),
    ],
)
def test_a_prompt_becomes_one_line_without_surrounding_space(typed, prompt):
    assert clean_prompt(typed) == prompt


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("", 'The prompt is empty. Enter what to generate, such as "a red chair".'),
        ("\u200b \u00a0\ufeff", 'The prompt is empty. Enter what to generate, such as "a red chair".'),
        ("\x00\x01", 'The prompt is empty. Enter what to generate, such as "a red chair".'),
        ("x" * 1001, "The prompt has 1001 characters. Shorten it to 1000 or fewer."),
        ("\x1bchair", "Character 1 of the prompt is the control character U+001B. Remove it."),
        ("chair\x85s", "Character 6 of the prompt is the control character U+0085. Remove it."),
        ("a chair\ud83d!", "Character 8 of the prompt is the control character U+D83D. Remove it."),
    ],
)
def test_a_prompt_that_cannot_be_used_is_refused_with_the_reason(typed, message):
    with pytest.raises(BadRequest) as refusal:
        clean_prompt(typed)
    assert str(refusal.value) == message


def test_a_value_is_shown_with_up_to_60_characters():
    assert truncated_repr("x" * 58) == f"'{'x' * 58}'"
    assert truncated_repr("x" * 59) == f"'{'x' * 58}…"
    assert len(truncated_repr("x" * 1000)) == 60


def test_a_value_that_cannot_be_printed_is_described():
    nested: list = []
    for _ in range(100_000):
        nested = [nested]
    assert truncated_repr(10**5000) == truncated_repr(nested) == "a value that cannot be displayed"


def test_of_many_choices_the_nearest_are_listed():
    names = tuple(f"model-{number:02}" for number in range(30))
    with pytest.raises(BadRequest) as raised:
        Choice(names).check("model", "model-17x")
    message = str(raised.value)
    assert "Choose one of: model-17, " in message
    assert message.endswith(", and 18 more.")
    assert message.count("model-") == 13
