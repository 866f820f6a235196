# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of single values; each error names the value and what is accepted instead."""

import re
import unicodedata
from collections.abc import Iterable
from typing import NamedTuple

from .errors import BadRequest

MAX_SHOWN_LENGTH = 60
MAX_PROMPT_LENGTH = 1000
CONTROL_CATEGORIES = ("Cc", "Cs")
MAX_LISTED = 12
"""Choices in a message."""


class IntRange(NamedTuple):
    """Integers from `min` to `max`."""

    min: int
    max: int

    def check(self, name: str, value: object) -> None:
        """Raise BadRequest for other values."""
        if isinstance(value, bool) or not isinstance(value, int) or not self.min <= value <= self.max:
            raise BadRequest(f"The {name} is {truncated_repr(value)}. Choose an integer from {self.min} to {self.max}.")


class FloatRange(NamedTuple):
    """Numbers from `min` to `max`."""

    min: float
    max: float

    def check(self, name: str, value: object) -> None:
        """Raise BadRequest for other values, NaN included."""
        if isinstance(value, bool) or not isinstance(value, int | float) or not self.min <= value <= self.max:
            raise BadRequest(f"The {name} is {truncated_repr(value)}. Choose a number from {self.min} to {self.max}.")


class Choice(NamedTuple):
    """One of several values of the same type."""

    values: tuple[str, ...] | tuple[int, ...]

    def check(self, name: str, value: object) -> None:
        """Raise BadRequest for other values; True and 1.0 are not 1."""
        if not any(type(value) is type(choice) and value == choice for choice in self.values):
            raise BadRequest(f"There is no {name} {truncated_repr(value)}. Choose one of: {self._nearest(value)}.")

    def _nearest(self, value: object) -> str:
        """Return the choices; of many, those whose spelling is nearest to a value."""
        choices = list(map(str, self.values))
        if len(choices) <= MAX_LISTED:
            return ", ".join(choices)
        from difflib import get_close_matches

        nearest = get_close_matches(truncated_repr(value), choices, MAX_LISTED, cutoff=0.0)
        return f"{', '.join(nearest)}, and {len(choices) - MAX_LISTED} more"


class Pattern(NamedTuple):
    """Text that matches a pattern from start to end.

    Attributes:
        pattern: The pattern.
        accepted: Description of what matches, for the error message.
    """

    pattern: re.Pattern[str]
    accepted: str

    def check(self, name: str, value: object) -> None:
        """Raise BadRequest for other values."""
        if not isinstance(value, str) or not self.pattern.fullmatch(value):
            raise BadRequest(f"The {name} is {truncated_repr(value)}. Choose {self.accepted}.")


class Text:
    """Any text."""

    def check(self, name: str, value: object) -> None:
        """Raise BadRequest for other types."""
        if not isinstance(value, str):
            raise BadRequest(f"The {name} is {truncated_repr(value)}, which is not text. Generate the object again.")


class Flag:
    """True or False."""

    def check(self, name: str, value: object) -> None:
        """Raise BadRequest for other values."""
        if not isinstance(value, bool):
            raise BadRequest(f"The {name} is {truncated_repr(value)}. Choose true or false.")


Constraint = IntRange | FloatRange | Choice | Pattern | Text | Flag


def check_choice(name: str, value: object, choices: Iterable[str]) -> None:
    """Raise BadRequest if a value is not one of the choices."""
    Choice(tuple(choices)).check(name, value)


def clean_prompt(typed: str) -> str:
    """Return a prompt on one line, without surrounding space.

    Every script passes, emoji and right-to-left text included; which words it understands is up to the model.

    Raises:
        BadRequest: It is empty, too long, or contains control characters.
    """
    prompt = re.sub(r"[\r\n\t]+", " ", typed).strip()
    if not any(unicodedata.category(character)[0] not in "ZC" for character in prompt):
        raise BadRequest('The prompt is empty. Enter what to generate, such as "a red chair".')
    if len(prompt) > MAX_PROMPT_LENGTH:
        raise BadRequest(f"The prompt has {len(prompt)} characters. Shorten it to {MAX_PROMPT_LENGTH} or fewer.")
    for position, character in enumerate(prompt, start=1):
        if unicodedata.category(character) in CONTROL_CATEGORIES:
            raise BadRequest(
                f"Character {position} of the prompt is the control character U+{ord(character):04X}. Remove it."
            )
    return prompt


def truncated_repr(value: object) -> str:
    """Return `repr(value)` for use in a sentence, truncated if it is long."""
    try:
        text = repr(value)
    except (ValueError, RecursionError):  # integers of thousands of digits, deeply nested lists
        return "a value that cannot be displayed"
    return text if len(text) <= MAX_SHOWN_LENGTH else f"{text[: MAX_SHOWN_LENGTH - 1]}…"
