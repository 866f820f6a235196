# SPDX-License-Identifier: GPL-3.0-or-later
"""Part of a list of prompts: ranges of its entries, or one of several equal parts."""

import argparse
import re
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple, TypeVar

from ...protocol.errors import BadRequest
from ...protocol.validation import truncated_repr

Row = TypeVar("Row")

MAX_NUMBER = 10**9
RANGE_TEXT = r"[0-9]{1,10}(?:-[0-9]{1,10})?"
ENTRIES_HELP = (
    "with --jobs, make only these entries of the list, such as 3, 1-1000 or 1,5-8; they are counted from 1, without "
    "comments, blank lines and the names of columns"
)
PART_HELP = "with --jobs, make only part I of N equal parts of the list, such as 2/8"


class EntryRange(NamedTuple):
    """Entries of a list from `first` to `last`, counted from 1."""

    first: int
    last: int


class Part(NamedTuple):
    """Part `number` of `total` equal parts of a list, counted from 1."""

    number: int
    total: int


def entry_ranges(text: str) -> list[EntryRange]:
    """Parse ranges of entries, such as 3, 3-3, 1-1000 or 1,5-8, in rising order.

    Raises:
        ArgumentTypeError: They cannot be parsed, or name an entry twice.
    """
    if not re.fullmatch(f"{RANGE_TEXT}(?:,{RANGE_TEXT})*", text):
        raise argparse.ArgumentTypeError(f"{truncated_repr(text)} is not a range of entries. Write 3, 1-1000 or 1,5-8")
    ranges = [EntryRange(int(first), int(last or first)) for first, _, last in map(_halves, text.split(","))]
    for first, last in ranges:
        if not 1 <= first <= last <= MAX_NUMBER:
            raise argparse.ArgumentTypeError(f"{first}-{last} is not a range of entries, which are counted from 1")
    for before, after in pairwise(sorted(ranges)):
        if after.first <= before.last:
            raise argparse.ArgumentTypeError(f"{truncated_repr(text)} names entry {after.first} twice")
    return sorted(ranges)


def _halves(text: str) -> tuple[str, str, str]:
    return text.partition("-")


def part(text: str) -> Part:
    """Parse a part of a list, such as 2/8.

    Raises:
        ArgumentTypeError: It cannot be parsed.
    """
    if not (match := re.fullmatch(r"([0-9]{1,10})/([0-9]{1,10})", text)):
        raise argparse.ArgumentTypeError(
            f"{truncated_repr(text)} is not a part of a list. Write 2/8 for the second of 8"
        )
    number, total = map(int, match.groups())
    if not 1 <= number <= total <= MAX_NUMBER:
        raise argparse.ArgumentTypeError(f"there is no part {number} of {total}; parts are counted from 1")
    return Part(number, total)


def add_selection_flags(parser: argparse.ArgumentParser) -> None:
    """Add the flags that select a part of the list, of which one may be given."""
    flags = parser.add_mutually_exclusive_group()
    flags.add_argument("--entries", type=entry_ranges, metavar="RANGES", help=ENTRIES_HELP)
    flags.add_argument("--part", type=part, metavar="I/N", help=PART_HELP)


def selected(rows: Sequence[Row], options: argparse.Namespace) -> list[Row]:
    """Return the rows of a list that the flags select, all without flags.

    Raises:
        BadRequest: An entry is beyond the end of the list.
    """
    if options.entries:
        if (last := options.entries[-1].last) > len(rows):
            raise BadRequest(f"The list has {len(rows)} entries, and --entries names {last}. Name 1 to {len(rows)}.")
        return [row for first, last in options.entries for row in rows[first - 1 : last]]
    if options.part:
        number, total = options.part
        return list(rows[(number - 1) * len(rows) // total : number * len(rows) // total])
    return list(rows)
