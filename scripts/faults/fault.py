# SPDX-License-Identifier: GPL-3.0-or-later
"""What a fault is, and what one round of it may use."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from .bench import Bench


class Lost(Exception):
    """Something was lost, hung or told wrongly; the text says what."""


class Missed(Exception):
    """The fault did not strike, as the job was done before; the round does not count."""


@dataclass(frozen=True)
class Round:
    """One time that a fault is tried.

    Attributes:
        chance: What is random in it, by the seed of the suite and the number of the round.
        folder: Empty, for this round alone.
        bench: What stays from round to round: the worker's Python, workers, expected results.
    """

    chance: random.Random
    folder: Path
    bench: Bench


@dataclass(frozen=True)
class Fault:
    """One row of the table.

    Attributes:
        name: As in the table.
        strike: Does it once. Raises Lost where something was lost, Missed where it came too late.
        is_dear: Whether a round takes long, so that fewer are done.
        needs: "" or "bpy": what must be there besides the worker's Python.
    """

    name: str
    strike: Callable[[Round], None]
    is_dear: bool = False
    needs: str = ""


def demand(holds: object, otherwise: str) -> None:
    """Raise Lost where something does not hold."""
    if not holds:
        raise Lost(otherwise)
