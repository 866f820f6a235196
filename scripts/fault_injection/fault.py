# SPDX-License-Identifier: GPL-3.0-or-later
"""Fault and Round: one row of the table, and one injection of it."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from .harness import Harness

CHILDREN = Path(__file__).with_name("child")


class InvariantViolated(Exception):
    """A job, an object or a message was lost or wrong, or something hung."""


class StageNotReached(Exception):
    """The job ended before the fault could be injected; the round does not count."""


@dataclass(frozen=True)
class Round:
    """One injection of a fault.

    Attributes:
        rng: Random numbers, seeded by the suite and the number of the round.
        folder: An empty folder for this round.
        harness: State shared by all rounds: the worker's Python, workers, expected results.
        number: The number of earlier rounds of the fault.
    """

    rng: random.Random
    folder: Path
    harness: Harness
    number: int = 0

    @property
    def bpy(self) -> Path:
        """Return a Python with the bpy module, each in turn."""
        return self.harness.bpys[self.number % len(self.harness.bpys)]


@dataclass(frozen=True)
class Fault:
    """One row of the table.

    Attributes:
        name: The name in the table.
        inject: Runs one round. It raises InvariantViolated if something was lost, and StageNotReached if it came too
            late. It may return an observation to count, such as the number of writes.
        is_slow: True if a round takes long, so that there are fewer.
        needs: "bpy" if the fault needs a Python with Blender, else "".
    """

    name: str
    inject: Callable[[Round], str | None]
    is_slow: bool = False
    needs: str = ""


def require(holds: object, message: str) -> None:
    """Raise InvariantViolated unless a condition holds."""
    if not holds:
        raise InvariantViolated(message)
