# SPDX-License-Identifier: GPL-3.0-or-later
"""A prompt with the color of its object or of its part replaced."""

import pytest

from blender_text3d.prompts.color_words import reword, with_color, with_part_color


@pytest.mark.parametrize(
    ("prompt", "color", "changed"),
    [
        ("a red chair", "blue", "a blue chair"),
        ("a red chair with white legs", "orange", "an orange chair with white legs"),
        ("An orange chair", "red", "A red chair"),
        ("a tall chair with white legs", "red", "a tall red chair with white legs"),
        ("chair", "red", "red chair"),
        ("a crimson chair", "dark green", "a dark green chair"),
        ("a strange gizmo", "red", "a red strange gizmo"),
        ("a blue mug and a red box", "green", "a green mug and a red box"),
    ],
)
def test_the_object_gets_the_color(prompt, color, changed):
    assert with_color(prompt, color) == reword(prompt, "color", color) == changed


@pytest.mark.parametrize(
    ("prompt", "color", "changed"),
    [
        ("a red chair with white legs", "blue", "a red chair with blue legs"),
        ("a red chair with long white legs", "blue", "a red chair with long blue legs"),
        ("a red chair with legs", "blue", "a red chair with blue legs"),
        ("a tree with a thick trunk", "orange", "a tree with a thick orange trunk"),
        ("a red chair", "blue", None),
    ],
)
def test_the_first_part_gets_the_color(prompt, color, changed):
    assert with_part_color(prompt, color) == reword(prompt, "part_color", color) == changed
