# SPDX-License-Identifier: GPL-3.0-or-later
"""The checks of a request's values; each refusal names the value and what would do."""

import re
from collections.abc import Iterable

from .errors import BadRequest

MAX_SHOWN_LENGTH = 60


def truncated_repr(value: object) -> str:
    """A value in a sentence, cut where it is long."""
    try:
        text = repr(value)
    except (ValueError, RecursionError):  # numbers of thousands of digits, lists in lists
        return "beyond words"
    return text if len(text) <= MAX_SHOWN_LENGTH else f"{text[: MAX_SHOWN_LENGTH - 1]}…"


def check_choice(what: str, value: object, choices: Iterable[str]) -> None:
    """Refuse a value that is not one of the choices."""
    if value not in list(choices):
        raise BadRequest(f"There is no {what} {truncated_repr(value)}. Choose one of: {', '.join(choices)}.")


def check_int(what: str, value: object, least: int, most: int) -> None:
    """Refuse what is not a whole number from least to most."""
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise BadRequest(f"The {what} is {truncated_repr(value)}. Choose a whole number from {least} to {most}.")


def check_float(what: str, value: object, least: float, most: float) -> None:
    """Refuse what is not a number from least to most."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not least <= value <= most:  # no comparison holds for what is not a number
        raise BadRequest(f"The {what} is {truncated_repr(value)}. Choose a number from {least} to {most}.")


def check_str(what: str, value: object) -> None:
    """Refuse what is no text."""
    if not isinstance(value, str):
        raise BadRequest(f"The {what} is {truncated_repr(value)}, which is no text. Ask for the object again.")


def check_pattern(what: str, value: object, pattern: re.Pattern, wanted: str) -> None:
    """Refuse text of another form."""
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise BadRequest(f"The {what} is {truncated_repr(value)}. Choose {wanted}.")
