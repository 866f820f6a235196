# SPDX-License-Identifier: GPL-3.0-or-later
"""Columns of a list of prompts → settings of requests."""

from collections.abc import Iterable
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any

from ...protocol.errors import BadRequest
from ...protocol.face_budget import budget_text
from ...protocol.request import SETTINGS
from ...protocol.validation import Choice, Flag, FloatRange, IntRange, truncated_repr
from .real_size import size

WORD_COLUMNS = ("color", "material")
"""Columns whose words are put before the noun of the prompt."""
OWN_COLUMNS = ("prompt", "seed", "count", *WORD_COLUMNS)
ALIASES = {"colour": "color", "text": "prompt", "output": "outputs", "turn": "rotation_deg"}
ARTICLES = ("a", "an", "the", "one")
TRUE_WORDS, FALSE_WORDS = {"1", "true", "yes", "on"}, {"0", "false", "no", "off"}
FILE_SETTINGS = ("image", "latent", "object")
CLOSE = 0.75


@cache
def column_settings() -> dict[str, str]:
    """Return the setting of each column: the names of the settings and of their flags."""
    columns = {name: name for name in OWN_COLUMNS} | ALIASES
    for name, setting in SETTINGS.items():
        for flag in setting.flags:
            columns[flag.removeprefix("--")] = columns[flag.removeprefix("--").replace("-", "_")] = name
        if setting.flags:
            columns[name] = name
    return columns


def check_columns(columns: Iterable[str], name: str) -> list[str]:
    """Check the columns of a list; returns a sentence about those that are not used, if there are any.

    Raises:
        BadRequest: None gives a prompt or an image, or one is a misspelled setting.
    """
    known, used = column_settings(), list(columns)
    settings = {known.get(column) for column in used}
    unknown = [column for column in used if column not in known]
    for column in unknown:
        if meant := get_close_matches(column, known, 1, CLOSE):
            raise BadRequest(f"{name} has a column {truncated_repr(column)}. Name it {meant[0]!r}, or remove it.")
    if used and not settings & {"prompt", "image", "object"}:
        raise BadRequest(f"{name} has no column 'prompt'. Name the columns in its first line.")
    if not unknown:
        return []
    shown = ", ".join(map(truncated_repr, unknown[:5])) + (" and others" if len(unknown) > 5 else "")
    return [f"{name} has columns that are not settings and are ignored: {shown}."]


def values_of(entry: dict[str, Any], folder: Path) -> tuple[str, dict[str, Any]]:
    """Return the prompt and the other settings of an entry; files are relative to the folder of the list.

    Raises:
        BadRequest: A value is of the wrong kind.
    """
    known = column_settings()
    named = {known[column]: value for column, value in entry.items() if column in known}
    words = [_text(column, named.pop(column)) for column in WORD_COLUMNS if column in named]
    prompt = with_words(_text("prompt", named.pop("prompt", "")), words)
    values = {name: parsed(name, value) for name, value in named.items()}
    for name in FILE_SETTINGS:
        if values.get(name):
            values[name] = str(folder / values[name])
    return prompt, values


def with_folder(values: dict[str, Any]) -> dict[str, Any]:
    """Return settings with an existing folder of an image model as an absolute path, since the worker runs elsewhere.

    Any other source is the name of a model on the hub.
    """
    source = values.get("image_model_source")
    if isinstance(source, str) and source and Path(source).is_dir():
        return values | {"image_model_source": str(Path(source).absolute())}
    return values


def with_words(prompt: str, words: Iterable[str]) -> str:
    """Return a prompt with words before its noun: "a chair" and "red" give "a red chair".

    "an" becomes "a" or the other way round as the word requires. A word that the prompt has is not repeated.
    """
    for word in reversed([word.strip() for word in words if word.strip()]):
        has_word = word.lower() in prompt.lower().split()
        first, _, rest = prompt.partition(" ")
        if has_word:
            continue
        if first.lower() in ARTICLES and rest:
            article = ("an" if word[0].lower() in "aeiou" else "a") if first.lower() in ("a", "an") else first
            prompt = f"{article} {word} {rest}"
        else:
            prompt = f"{word} {prompt}"
    return prompt.strip()


def parsed(name: str, value: Any) -> Any:
    """Return a value in the type of its setting.

    Raises:
        BadRequest: It cannot be read as one.
    """
    kind, noun = _kind(name)
    value = budget_text(value) if name == "face_budget" else value
    try:
        if kind is bool:
            return _flag(value)
        if kind is str:
            return _text(noun, value)
        if name == "size_m" and isinstance(value, str):
            return size(value)
        if isinstance(value, bool) or (kind is int and isinstance(value, float)):
            raise ValueError
        return kind(value)
    except (ValueError, TypeError, OverflowError) as error:
        wanted = {int: "an integer", float: "a number", bool: "yes or no"}[kind]
        raise BadRequest(f"The {noun} is {truncated_repr(value)}. Write {wanted}.") from error


def _kind(name: str) -> tuple[type, str]:
    """Return the type of a setting and its noun for messages."""
    if name == "count":
        return int, "count"
    allowed, noun = SETTINGS[name].allowed, SETTINGS[name].name
    if isinstance(allowed, Flag):
        return bool, noun
    if isinstance(allowed, IntRange) or (isinstance(allowed, Choice) and isinstance(allowed.values[0], int)):
        return int, noun
    return (float if isinstance(allowed, FloatRange) else str), noun


def _flag(value: Any) -> bool:
    word = str(value).strip().lower()
    if word not in TRUE_WORDS | FALSE_WORDS:
        raise ValueError
    return word in TRUE_WORDS


def _text(name: str, value: Any) -> str:
    if not isinstance(value, str):
        raise BadRequest(f"The {name} is {truncated_repr(value)}, which is not text. Write it in quotes.")
    return value
