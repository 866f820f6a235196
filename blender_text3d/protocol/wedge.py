# SPDX-License-Identifier: GPL-3.0-or-later
"""Wedge: one request for each pair of values on two axes, and the list of prompts that makes the same in a batch."""

import re
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from .errors import BadRequest
from .request import DEFAULTS, MAX_RESULTS, SEEDS, SETTINGS, Request, make_requests
from .validation import truncated_repr

MAX_PANEL_CELLS = MAX_RESULTS
MAX_LISTED_CELLS = 10_000
DECIMALS = 6
NOT_LISTED = ("device", "viewer", "comparison", "solver")
"""Settings of one machine or one view, and one that the batch derives as a new request does."""


class Axis(NamedTuple):
    """One axis of a wedge.

    Attributes:
        label: Name in the interface.
        kind: Type of its values; text stands for words of the prompt.
        setting: The setting that it sets, or "" for words of the prompt.
    """

    label: str
    kind: type[int] | type[float] | type[str]
    setting: str = ""


AXES = {
    "prompt": Axis("Prompt", str),
    "color": Axis("Color", str),
    "part_color": Axis("Part Color", str),
    "seed": Axis("Seed", int, "seed"),
    "guidance": Axis("Guidance", float, "guidance"),
    "steps": Axis("Steps", int, "steps"),
    "strength": Axis("Variation", float, "variation_strength"),
    "size": Axis("Size", float, "size_m"),
}
"""Axes by the name that a command line gives; the order is stored in .blend files: new ones go to the end."""

Value = int | float | str
Reword = Callable[[str, str, str], str | None]
"""(prompt, name of an axis of words, word) -> prompt, or None if the prompt has no place for the word."""


class WedgeAxis(NamedTuple):
    """An axis with its values."""

    name: str
    values: tuple[Value, ...]


def read_axis(name: str, text: str, limit: int = MAX_LISTED_CELLS) -> WedgeAxis:
    """Return an axis with the values of a text: "red, blue", "1, 5-8" or "0.1..0.5 step 0.2".

    Raises:
        BadRequest: There is no such axis, a value is of the wrong kind, or there are none or more than `limit`.
    """
    if name not in AXES:
        raise BadRequest(f"There is no axis {truncated_repr(name)}. Choose one of: {', '.join(AXES)}.")
    entries = [entry.strip() for entry in text.split(",") if entry.strip()]
    if not entries:
        raise BadRequest(f"The axis {AXES[name].label} has no values. Enter some, such as {example(name)}.")
    values: dict[Value, None] = {}
    for entry in entries:
        values |= dict.fromkeys(values_of(name, entry, limit))
        if len(values) > limit:
            raise too_large(len(values), limit)
    return WedgeAxis(name, tuple(values))


def example(name: str) -> str:
    """Return values of an axis as one may enter them."""
    words = {"prompt": '"a red chair, a blue mug"', "size": '"0.5, 1, 2"'}
    by_kind = {str: '"red, blue"', int: '"1-4"', float: '"0.5..2 step 0.5"'}
    return words.get(name) or by_kind[AXES[name].kind]


def values_of(name: str, entry: str, limit: int) -> Sequence[Value]:
    """Return the values of one entry between commas: a word, a number or a range.

    Raises:
        BadRequest: It is none of them, or the range has more values than `limit`.
    """
    label, kind, _ = AXES[name]
    if kind is str:
        return [entry]
    number = r"\d+(?:\.\d+)?"
    found = re.fullmatch(rf"({number})(?:\s*(?:-|\.\.)\s*({number})(?:\s+step\s+({number}))?)?", entry, re.ASCII)
    if not found or (kind is int and "." in "".join(filter(None, found.groups()))):
        noun = "an integer" if kind is int else "a number"
        raise BadRequest(
            f"The axis {label} has the value {truncated_repr(entry)}. Enter {noun} or a range, such as {example(name)}."
        )
    first, last, step = (float(group) if group else None for group in found.groups())
    assert first is not None
    if last is None:
        return [kind(entry)]
    step = step if step is not None else 1.0
    if step <= 0 or last < first:
        raise BadRequest(f"The range {entry} of the axis {label} has no values. Enter it from low to high.")
    count = int((last - first) / step + 1e-6) + 1
    if count > limit:
        raise too_large(count, limit)
    return [kind(round(first + index * step, DECIMALS)) for index in range(count)]


def too_large(count: int, limit: int) -> BadRequest:
    """Return the error for a wedge of too many objects."""
    more = " Write a list of up to 10,000 with scripts/wedge.py and run it as a batch." if limit < 10_000 else ""
    return BadRequest(f"A wedge of {count:,} objects is too large. Choose at most {limit:,} in all.{more}")


def wedge_requests(
    prompt: str, rows: WedgeAxis, columns: WedgeAxis, reword: Reword, *, limit: int = MAX_PANEL_CELLS, **choices: Any
) -> list[Request]:
    """Return a request for each cell, row by row. All have one seed and one variation seed unless an axis sets them.

    Args:
        prompt: The prompt, which an axis may replace or change.
        rows, columns: The axes.
        reword: Changes words of a prompt.
        limit: The largest number of cells.
        choices: Other settings, as for `make_requests`.

    Raises:
        BadRequest: There are too many cells, both axes are the same, or a value is not accepted.
    """
    if (count := len(rows.values) * len(columns.values)) > limit:
        raise too_large(count, limit)
    if rows.name == columns.name:
        raise BadRequest(f"Both axes are {AXES[rows.name].label}. Choose another one for the columns.")
    shared = {"seed": drawn_seed(), **{name: value for name, value in choices.items() if value is not None}}
    if "strength" in (rows.name, columns.name) and not choices.get("variation_seed"):
        shared["variation_seed"] = (shared["seed"] + 1) % SEEDS
    ordered = sorted((rows, columns), key=lambda axis: list(AXES).index(axis.name))  # the prompt before its words
    cells = []
    for row in rows.values:
        for column in columns.values:
            values = {rows.name: row, columns.name: column}
            cells.append(cell_request(prompt, [(axis.name, values[axis.name]) for axis in ordered], reword, shared))
    return cells


def drawn_seed() -> int:
    """Return a random seed."""
    import random

    return random.randrange(SEEDS)


def cell_request(prompt: str, values: Sequence[tuple[str, Value]], reword: Reword, shared: dict[str, Any]) -> Request:
    """Return the request of one cell.

    Raises:
        BadRequest: A value is not accepted, or the prompt names no part to color.
    """
    settings = dict(shared)
    for name, value in values:
        if AXES[name].setting:
            settings[AXES[name].setting] = value
            continue
        changed = str(value) if name == "prompt" else reword(prompt, name, str(value))
        if changed is None:
            raise BadRequest(f"The prompt {truncated_repr(prompt)} names no part. Add one, as in “with white legs”.")
        prompt = changed
    return make_requests(prompt, **settings)[0]


def value_text(axis: WedgeAxis, value: Value) -> str:
    """Return a value as a label of its row or column."""
    return str(value) if AXES[axis.name].kind is str else f"{AXES[axis.name].label} {value:g}"


def wedge_csv(requests: Sequence[Request]) -> str:
    """Return the requests as a list of prompts, from which a batch makes the same objects."""
    import csv
    import io

    names = listed_settings(requests)
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow([column_of(name) for name in names])
    writer.writerows([[getattr(request, name) for name in names] for request in requests])
    return text.getvalue()


def listed_settings(requests: Sequence[Request]) -> list[str]:
    """Return the settings that a list of these requests needs: those without a default, and those not at theirs."""
    others = [name for name in SETTINGS if name not in ("seed", *NOT_LISTED)]
    return ["seed", "prompt", *(name for name in others if is_listed(name, requests))]


def is_listed(name: str, requests: Sequence[Request]) -> bool:
    """True if a setting has no default, or not all of the requests are at it."""
    return DEFAULTS[name] is None or any(getattr(request, name) != DEFAULTS[name] for request in requests)


def column_of(name: str) -> str:
    """Return the name of a setting's column in a list of prompts."""
    flags = SETTINGS[name].flags if name in SETTINGS else ()
    return flags[0].removeprefix("--") if flags else name
