# SPDX-License-Identifier: GPL-3.0-or-later
"""Stored names: those of version 0.1 in files, those of the code in memory."""

from blender_text3d.protocol.stored_names import from_stored, to_stored

IN_CODE = {"rotation_deg": 90, "max_faces": 5, "total": 7, "prompt": "x"}
STORED = {"turn_deg": 90, "most_faces": 5, "of": 7, "prompt": "x"}


def test_values_are_written_under_the_names_of_version_0_1():
    assert to_stored(IN_CODE) == to_stored(STORED) == STORED


def test_values_are_read_under_either_name():
    assert from_stored(STORED) == from_stored(IN_CODE) == IN_CODE
