# SPDX-License-Identifier: GPL-3.0-or-later
"""The JSON lines between an action and Blender."""

import json

import pytest

from blender_text3d.environment.progress import Progress, last_progress


def test_a_line_has_every_field_by_name():
    assert json.loads(Progress("Installing").to_json()) == {
        "message": "Installing",
        "share": 0.0,
        "state": "working",
        "fix": "",
        "done_bytes": 0,
        "of_bytes": 0,
        "bytes_per_s": 0.0,
        "left_s": None,
    }
    assert "\n" not in Progress("two\nlines").to_json()


def test_a_line_is_read_back_unchanged():
    told = Progress("Ünwrapping", 0.5, "failed", "Mend it.", 10, 20, 1.5, 2.5)
    assert last_progress(told.to_json() + "\n") == told


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", None),
        ('{"message": "one"}', None),  # its end has not been written yet
        ('{"message": "one"}\n', "one"),
        ('{"message": "one"}\n{"message": "two"}\n', "two"),
        ('{"message": "one"}\n{"message": "two"}', "one"),
        ('{"message": "one"}\nTraceback (most recent call last):\n', "one"),
        ('{"message": "one"}\n\n[]\n3\nnull\n', "one"),
        ('{"message": "one"}\n{"message": "two", "colour": "red"}\n', "one"),
        ('{"share": 0.5}\n', None),
    ],
)
def test_the_last_complete_line_that_is_progress_counts(text, message):
    found = last_progress(text)
    assert (found and found.message) == message
