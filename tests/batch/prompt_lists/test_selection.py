# SPDX-License-Identifier: GPL-3.0-or-later
"""Parts of lists: --entries and --part."""

import argparse

import pytest

from blender_text3d.batch.prompt_lists.selection import add_selection_flags, selected
from blender_text3d.protocol.errors import BadRequest

ROWS = list("abcdefghij")


def chosen(*arguments, rows=ROWS):
    parser = argparse.ArgumentParser(exit_on_error=False)
    add_selection_flags(parser)
    return "".join(selected(rows, parser.parse_args(arguments)))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("3", "c"),
        ("3-3", "c"),  # OpenJD writes a chunk of one like this
        ("1,3", "ac"),
        ("1-10", "abcdefghij"),
        ("8-9,1-2,5", "abehi"),
        ("0010", "j"),
    ],
)
def test_ranges_name_entries_from_one(text, expected):
    assert chosen("--entries", text) == expected


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "not a range"),
        ("0", "counted from 1"),
        ("0-3", "counted from 1"),
        ("5-3", "5-3 is not a range"),
        ("-3", "not a range"),
        ("3-", "not a range"),
        ("1,,3", "not a range"),
        ("1, 3", "not a range"),
        ("1-3-5", "not a range"),
        ("1..3", "not a range"),
        ("1-4:2", "not a range"),
        ("three", "not a range"),
        ("٣", "not a range"),
        ("1" * 5000, "not a range"),
        ("1-9999999999", "not a range"),
        ("1-3,2-5", "names entry 2 twice"),
        ("4,4", "names entry 4 twice"),
    ],
)
def test_other_ranges_are_refused(text, reason):
    with pytest.raises(argparse.ArgumentError, match=reason) as refusal:
        chosen(f"--entries={text}")
    assert len(str(refusal.value)) < 300


@pytest.mark.parametrize("text", ["11", "10-11", "1-1000000000"])
def test_an_entry_beyond_the_end_is_refused(text):
    with pytest.raises(BadRequest, match="The list has 10 entries, and --entries names 1"):
        chosen("--entries", text)


@pytest.mark.parametrize("total", [1, 2, 3, 7, 10, 11, 1000])
def test_the_parts_of_a_list_are_the_list(total):
    parts = [chosen("--part", f"{number}/{total}") for number in range(1, total + 1)]
    assert "".join(parts) == "".join(ROWS)
    assert max(map(len, parts)) - min(map(len, parts)) <= 1


@pytest.mark.parametrize("text", ["", "3", "0/8", "9/8", "1/0", "-1/8", "1/8/2", "1 /8", "a/b", "1/9999999999"])
def test_other_parts_are_refused(text):
    with pytest.raises(argparse.ArgumentError, match=r"not a part|no part"):
        chosen(f"--part={text}")


def test_without_a_flag_all_entries_are_selected():
    assert chosen() == "".join(ROWS)


def test_entries_and_a_part_are_refused_together():
    with pytest.raises(argparse.ArgumentError, match="not allowed with"):
        chosen("--entries", "1", "--part", "1/2")
