# SPDX-License-Identifier: GPL-3.0-or-later
"""Work that is written in small steps: all of them at once, or some at a time."""

import time
from collections.abc import Generator, Iterator
from typing import Any, TypeVar

Value = TypeVar("Value")


def run_steps(steps: Generator[Any, None, Value]) -> Value:
    """Take all steps of a generator; returns what it returns."""
    try:
        while True:
            next(steps)
    except StopIteration as end:
        value: Value = end.value
        return value


def run_for(steps: Iterator[None], seconds: float) -> bool:
    """Take steps until a time is over; returns True once there are none left."""
    until_s = time.perf_counter() + seconds
    while time.perf_counter() < until_s:
        if next(steps, StopIteration) is StopIteration:
            return True
    return False
