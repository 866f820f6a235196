# SPDX-License-Identifier: GPL-3.0-or-later
"""A finding as a line for users and as an object for programs."""

import json

import pytest

from blender_text3d.doctor.finding import BAD, GOOD, WARN, Finding, parse_finding


@pytest.mark.parametrize(
    ("state", "line"),
    [
        (GOOD, "ok   Disk: 5 GB."),
        (WARN, "note Disk: 5 GB. Required: 9 GB. Fix: Free some."),
        (BAD, "BAD  Disk: 5 GB. Required: 9 GB. Fix: Free some."),
        ("odd", "?    Disk: 5 GB. Required: 9 GB. Fix: Free some."),
    ],
)
def test_a_line_has_the_fix_unless_all_is_well(state, line):
    assert Finding("disk", "Disk", state, "5 GB", "9 GB", "Free some.", "jobs").line() == line


def test_a_line_without_a_requirement_and_a_fix_is_short():
    assert Finding("disk", "Disk", BAD, "5 GB").line() == "BAD  Disk: 5 GB."
    assert Finding("disk", "Disk", BAD, "5 GB", fix="Free some.").line() == "BAD  Disk: 5 GB. Fix: Free some."
    assert Finding("disk", "Disk", WARN, "5 GB", "9 GB").line() == "note Disk: 5 GB. Required: 9 GB."


def test_the_states_are_the_words_that_programs_read():
    assert (GOOD, WARN, BAD) == ("good", "warn", "bad")


def test_an_object_has_every_field_by_name_and_is_read_back():
    finding = Finding("disk", "Disk", WARN, "5 GB", "9 GB", "Free söme.", "jobs")
    assert json.loads(finding.to_json()) == {
        "check": "disk",
        "what": "Disk",
        "state": "warn",
        "found": "5 GB",
        "wanted": "9 GB",
        "fix": "Free söme.",
        "button": "jobs",
    }
    assert parse_finding(finding.to_json()) == finding
    assert parse_finding('{"check": "a", "what": "b", "state": "good", "found": "c"}') == Finding("a", "b", GOOD, "c")


@pytest.mark.parametrize("line", ["", "{", "3", "[]", '{"check": "a"}', '{"report": "x"}', "Traceback"])
def test_any_other_line_is_no_finding(line):
    assert parse_finding(line) is None
