# SPDX-License-Identifier: GPL-3.0-or-later
"""A wedge: a request for each pair of values on two axes, and its list of prompts."""

import re

import pytest

from blender_text3d.prompts.color_words import reword
from blender_text3d.protocol.errors import BadRequest
from blender_text3d.protocol.wedge import AXES, read_axis, value_text, wedge_csv, wedge_requests


def wedge(rows, columns, prompt="a red chair", **choices):
    return wedge_requests(prompt, read_axis(*rows), read_axis(*columns), reword, **choices)


@pytest.mark.parametrize(
    ("name", "text", "values"),
    [
        ("color", "red, blue,, dark green ", ("red", "blue", "dark green")),
        ("prompt", "a t-shirt, a 2-door car", ("a t-shirt", "a 2-door car")),
        ("seed", "1, 5-8, 6", (1, 5, 6, 7, 8)),
        ("steps", "2..8 step 2", (2, 4, 6, 8)),
        ("steps", "8 - 9", (8, 9)),
        ("strength", "0.1..0.4 step 0.1", (0.1, 0.2, 0.3, 0.4)),
        ("guidance", "1-2.4 step 0.5", (1.0, 1.5, 2.0)),
        ("size", "0.5", (0.5,)),
    ],
)
def test_values_are_lists_and_ranges(name, text, values):
    assert read_axis(name, text).values == values


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("weight", "1", "There is no axis 'weight'. Choose one of: prompt, color, "),
        ("seed", " , ", 'The axis Seed has no values. Enter some, such as "1-4".'),
        ("seed", "one", "The axis Seed has the value 'one'. Enter an integer or a range, such as"),
        ("steps", "8.5", "Enter an integer or a range"),
        ("guidance", "-1", "Enter a number or a range"),
        ("seed", "9-1", "The range 9-1 of the axis Seed has no values. Enter it from low to high."),
        ("size", "1..2 step 0", "has no values"),
        ("seed", "1-99999999999", "A wedge of 99,999,999,999 objects is too large. Choose at most 10,000 in all."),
    ],
)
def test_a_text_that_is_no_axis_is_refused_with_what_is_accepted(name, text, message):
    with pytest.raises(BadRequest, match=re.escape(message)):
        read_axis(name, text)


def test_cells_come_row_by_row_with_one_seed():
    requests = wedge(("color", "green, blue"), ("guidance", "1, 2"), seed=7)
    cells = [(request.prompt, request.guidance, request.seed) for request in requests]
    assert cells == [
        ("a green chair", 1.0, 7),
        ("a green chair", 2.0, 7),
        ("a blue chair", 1.0, 7),
        ("a blue chair", 2.0, 7),
    ]
    assert len({request.seed for request in wedge(("color", "green, blue"), ("size", "1, 2"))}) == 1


def test_words_change_the_prompt_of_the_other_axis():
    requests = wedge(("part_color", "white, blue"), ("prompt", "a red chair with legs, a table with legs"), seed=1)
    assert [request.prompt for request in requests] == [
        "a red chair with white legs",
        "a table with white legs",
        "a red chair with blue legs",
        "a table with blue legs",
    ]


def test_variations_of_a_wedge_blend_in_one_seed():
    requests = wedge(("strength", "0, 0.5"), ("seed", "3, 4"), seed=7)
    cells = [(request.seed, request.variation_seed, request.variation_strength) for request in requests]
    assert cells == [(3, 8, 0.0), (4, 8, 0.0), (3, 8, 0.5), (4, 8, 0.5)]


def test_a_wedge_of_100000_is_refused_before_anything_is_made():
    with pytest.raises(BadRequest) as refusal:
        wedge(("seed", "1-1000"), ("steps", "1-100"))
    assert str(refusal.value) == (
        "A wedge of 100,000 objects is too large. Choose at most 100 in all. "
        "Write a list of up to 10,000 with scripts/wedge.py and run it as a batch."
    )


@pytest.mark.parametrize(
    ("rows", "columns", "message"),
    [
        (("seed", "1"), ("seed", "2"), "Both axes are Seed. Choose another one for the columns."),
        (("part_color", "white"), ("seed", "2"), "The prompt 'a red chair' names no part."),
        (("size", "5000"), ("seed", "2"), "The size in meters is 5000.0."),
        (("prompt", "a mug"), ("steps", "0"), "The number of steps is 0."),
    ],
)
def test_a_wedge_that_cannot_be_made_is_refused(rows, columns, message):
    with pytest.raises(BadRequest, match=re.escape(message)):
        wedge(rows, columns)


def test_labels_name_the_axis_of_a_number():
    assert [value_text(read_axis(name, "2"), 2) for name in ("seed", "guidance")] == ["Seed 2", "Guidance 2"]
    assert value_text(read_axis("color", "red"), "red") == "red"
    assert len({axis.label for axis in AXES.values()}) == len(AXES)


def test_the_list_has_the_axes_and_all_settings_that_are_not_the_defaults():
    requests = wedge(("color", "red, blue"), ("size", "0.5, 2"), seed=7, quality="draft")
    assert wedge_csv(requests).splitlines() == [
        "seed,prompt,quality,steps,guidance,grid,size,guidance-every",
        "7,a red chair,draft,2,1.0,64,0.5,1",
        "7,a red chair,draft,2,1.0,64,2.0,1",
        "7,a blue chair,draft,2,1.0,64,0.5,1",
        "7,a blue chair,draft,2,1.0,64,2.0,1",
    ]
