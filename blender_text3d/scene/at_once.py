# SPDX-License-Identifier: GPL-3.0-or-later
"""Work that is written in steps, done in one."""

from collections.abc import Generator
from typing import Any, TypeVar

Value = TypeVar("Value")


def at_once(steps: Generator[Any, None, Value]) -> Value:
    """Take all steps and return their result."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            value: Value = end.value
            return value
