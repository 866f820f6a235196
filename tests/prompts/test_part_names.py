# SPDX-License-Identifier: GPL-3.0-or-later
"""Names of parts by the colors that a prompt gives them."""

import pytest

from blender_text3d.prompts.part_names import PartNames, part_names


@pytest.mark.parametrize(
    ("prompt", "main", "by_color"),
    [
        ("a red chair with white legs", "chair", (("red", "chair"), ("white", "legs"))),
        ("a chair with a red seat and black legs", "chair", (("red", "seat"), ("black", "legs"))),
        ("a wooden table with golden legs", "table", (("wooden", "table"), ("golden", "legs"))),
        ("a car, red, with black wheels", "car", (("red", "car"), ("black", "wheels"))),
        ("a red chair with red legs", "chair", (("red", "chair"),)),
        ("a big chair", "chair", ()),
        ("a red chair without white legs", "chair", (("red", "chair"),)),
        ("xyzzy", "", ()),
        ("", "", ()),
    ],
)
def test_a_color_belongs_to_the_part_that_it_stands_before(prompt, main, by_color):
    assert part_names(prompt) == PartNames(main, by_color)
