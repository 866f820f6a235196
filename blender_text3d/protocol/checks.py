# SPDX-License-Identifier: GPL-3.0-or-later
"""The checks of a request's values; each refusal names the value and what would do."""

import math
import re
from collections.abc import Iterable

from .errors import BadRequest


def check_choice(what: str, value: object, choices: Iterable[str]) -> None:
    """Refuse a value that is not one of the choices."""
    if value not in list(choices):
        raise BadRequest(f"There is no {what} {value!r}. Choose one of: {', '.join(choices)}.")


def check_whole(what: str, value: object, least: int, most: int) -> None:
    """Refuse what is not a whole number from least to most."""
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise BadRequest(f"The {what} is {value!r}. Choose a whole number from {least} to {most}.")


def check_real(what: str, value: object, least: float, most: float) -> None:
    """Refuse what is not a number from least to most."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    if not is_number or not least <= value <= most:
        raise BadRequest(f"The {what} is {value!r}. Choose a number from {least} to {most}.")


def check_pattern(what: str, value: object, pattern: re.Pattern, wanted: str) -> None:
    """Refuse text of another form."""
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise BadRequest(f"The {what} is {value!r}. Choose {wanted}.")
