# SPDX-License-Identifier: GPL-3.0-or-later
"""What a fault is, and what one round of it may use."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from .harness import Harness

CHILDREN = Path(__file__).with_name("child")


class InvariantViolated(Exception):
    """Something was lost, hung or told wrongly; the text says what."""


class StageNotReached(Exception):
    """The fault did not strike, as the job was done before; the round does not count."""


@dataclass(frozen=True)
class Round:
    """One time that a fault is tried.

    Attributes:
        chance: What is random in it, by the seed of the suite and the number of the round.
        folder: Empty, for this round alone.
        bench: What stays from round to round: the worker's Python, workers, expected results.
        number: How often the fault was tried before.
    """

    chance: random.Random
    folder: Path
    bench: Harness
    number: int = 0

    @property
    def bpy(self) -> Path:
        """A Python with the bpy module; each has its turn."""
        return self.bench.bpys[self.number % len(self.bench.bpys)]


@dataclass(frozen=True)
class Fault:
    """One row of the table.

    Attributes:
        name: As in the table.
        strike: Does it once. Raises Lost where something was lost, Missed where it came too late. May give what is to
            be counted beside the rounds: how many writes there were, say.
        is_dear: Whether a round takes long, so that fewer are done.
        needs: "" or "bpy": what must be there besides the worker's Python.
    """

    name: str
    strike: Callable[[Round], str | None]
    is_dear: bool = False
    needs: str = ""


def require(holds: object, otherwise: str) -> None:
    """Raise Lost where something does not hold."""
    if not holds:
        raise InvariantViolated(otherwise)
