# SPDX-License-Identifier: GPL-3.0-or-later
"""Work that is written in small steps, for callers that may wait for all of them."""

from collections.abc import Generator
from typing import TypeVar

Value = TypeVar("Value")


def run_steps(steps: Generator[None, None, Value]) -> Value:
    """Take all steps of a generator; returns what it returns."""
    try:
        while True:
            next(steps)
    except StopIteration as end:
        value: Value = end.value
        return value
