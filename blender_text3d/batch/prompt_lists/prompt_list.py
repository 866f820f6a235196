# SPDX-License-Identifier: GPL-3.0-or-later
"""Lists of prompts: one a line, CSV with a column for each setting, or JSON lines."""

import csv
import io
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple, Protocol, TypeVar

from ...protocol.errors import BadRequest
from ...protocol.validation import truncated_repr
from ...system.untrusted_files import parse_json
from .row_values import check_columns, values_of
from .text_files import read_text, shown_name

DELIMITERS = ",;\t"
CSV_SUFFIXES, JSON_SUFFIXES = {".csv", ".tsv"}, {".jsonl", ".ndjson", ".json"}
PROMPT = "prompt"
Entry = TypeVar("Entry")


class PromptRow(NamedTuple):
    """One entry of a list.

    Attributes:
        place: Where it stands, such as "line 3".
        prompt: The prompt, which may be blank if there is an image.
        values: Other settings by name, with "seed" and "count".
        error: Why the entry cannot be used, or "".
    """

    place: str
    prompt: str
    values: dict[str, Any]
    error: str = ""


class PromptList(NamedTuple):
    """A list of prompts, or some of its entries.

    Attributes:
        rows: The entries.
        notices: Sentences for the user about the list.
        length: Number of all entries of the list.
    """

    rows: list[PromptRow]
    notices: list[str]
    length: int


class Choose(Protocol):
    """A function that chooses some of a list's entries, so that the values of the others are not read."""

    def __call__(self, entries: list[Entry], /) -> list[Entry]: ...


def read_prompt_list(path: Path, choose: Choose = list) -> PromptList:
    """Read a list of prompts from a file, a pipe, or standard input for "-".

    Args:
        path: The file.
        choose: Chooses the entries; all by default.

    Raises:
        BadRequest: It cannot be read, or contains no prompt, or its columns are not known.
    """
    text, notice = read_text(path)
    name, suffix = shown_name(path), path.suffix.lower()
    notices = [notice] if notice else []
    if suffix in JSON_SUFFIXES or _is_json(text):
        entries = list(_json_entries(text, name))
    elif suffix in CSV_SUFFIXES or _has_header(text):
        entries = list(_csv_entries(text, name))
    else:
        rows = _not_empty([PromptRow(place, line, {}) for place, line in _lines(text)], name)
        return PromptList(choose(rows), notices, len(rows))
    columns = dict.fromkeys(key for _, entry in entries if isinstance(entry, dict) for key in entry)
    notices += check_columns(columns, name)
    chosen = choose(_not_empty(entries, name))
    return PromptList([_row(place, entry, path.parent) for place, entry in chosen], notices, len(entries))


def _not_empty(entries: list[Entry], name: str) -> list[Entry]:
    if not entries:
        raise BadRequest(f"{name} contains no prompt. Write one per line.")
    return entries


def _lines(text: str) -> Iterator[tuple[str, str]]:
    """Return the lines of a list with their places, without blank ones and comments."""
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip() and not line.lstrip().startswith("#"):
            yield f"line {number}", line.strip()


def _is_json(text: str) -> bool:
    """True if a list whose name says nothing is JSON: a prompt may stand in brackets, too."""
    first = next((line for _, line in _lines(text)), "")
    try:
        return isinstance(parse_json(text if first.startswith("[") else first), dict | list)
    except ValueError:
        return False


def _has_header(text: str) -> bool:
    """True if the first line names columns, "prompt" among them."""
    first = next((line for _, line in _lines(text)), "").lower()
    return any(PROMPT in _cells(first, delimiter) for delimiter in DELIMITERS if delimiter in first)


def _cells(line: str, delimiter: str) -> list[str]:
    return [cell.strip().lower() for cell in next(csv.reader([line], delimiter=delimiter), [])]


def _csv_entries(text: str, name: str) -> Iterator[tuple[str, dict[str, Any] | str]]:
    lines = io.StringIO(text, newline="").readlines()
    start = next((number for number, line in enumerate(lines) if line.strip() and not line.startswith("#")), None)
    if start is None:
        return
    delimiter = max(DELIMITERS, key=lines[start].count)  # spreadsheets of some countries write semicolons
    reader = csv.reader(lines[start:], delimiter=delimiter)
    try:
        header = [cell.strip().lower() for cell in next(reader)]
        for cells in reader:
            if any(cell.strip() for cell in cells) and not cells[0].startswith("#"):
                named = zip(header, (cell.strip() for cell in cells), strict=False)
                entry = {name: cell for name, cell in named if name and cell}
                yield f"line {start + reader.line_num}", entry if len(cells) <= len(header) else _too_long(cells)
    except csv.Error as error:
        raise BadRequest(f"{name} is not CSV ({error}). Save it as CSV with a column for each setting.") from error


def _too_long(cells: list[str]) -> str:
    return f"The line has {len(cells)} cells, more than there are columns. Quote a prompt that contains the separator."


def _json_entries(text: str, name: str) -> Iterator[tuple[str, Any]]:
    """Return the objects of JSON lines, or of one JSON list."""
    if text.lstrip().startswith("["):
        try:
            entries = parse_json(text)
        except ValueError as error:
            raise BadRequest(f"{name} is not JSON ({error}). Write a list, or one object a line.") from error
        yield from ((f"entry {number}", _json_entry(entry)) for number, entry in enumerate(entries, start=1))
        return
    for place, line in _lines(text):
        try:
            yield place, _json_entry(parse_json(line))
        except ValueError as error:
            yield place, f"The line is not JSON ({error})."


def _json_entry(entry: Any) -> dict[str, Any] | str:
    if isinstance(entry, str):
        return {PROMPT: entry}
    if isinstance(entry, dict):
        return {name.strip().lower(): value for name, value in entry.items() if value is not None}
    return f"{truncated_repr(entry)} is neither an object nor a prompt."


def _row(place: str, entry: dict[str, Any] | str, folder: Path) -> PromptRow:
    if isinstance(entry, str):
        return PromptRow(place, "", {}, entry)
    try:
        prompt, values = values_of(entry, folder)
    except BadRequest as error:
        return PromptRow(place, str(entry.get(PROMPT, "")), {}, str(error))
    return PromptRow(place, prompt, values)


def rows_of(prompts: Iterable[str]) -> list[PromptRow]:
    """Return the prompts of a command line as entries of a list."""
    return [PromptRow(json.dumps(prompt, ensure_ascii=False), prompt, {}) for prompt in prompts]
