# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults at random moments while drivers fill a folder."""

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress

import psutil

from .drivers import Driver

FROZEN_S = 5.0
"""The product waits for minutes before it gives up a frozen process; `--deadline` shortens that for Ray."""


class Chaos:
    """Faults in turn at random moments, and how often each had a target.

    Attributes:
        counts: Number of faults by name.
    """

    def __init__(self, faults: dict[str, Callable[[], bool]], rng: random.Random, waits_s: tuple[float, float]) -> None:
        """Prepare the faults.

        Args:
            faults: Functions that inject a fault, by name; False if there was nothing to hit.
            rng: Random numbers.
            waits_s: Least and longest time between two faults, in seconds.
        """
        self._faults, self._rng, self._waits_s = faults, rng, waits_s
        self._next_at = 0.0
        self._turn: list[str] = []
        self.counts: Counter[str] = Counter(dict.fromkeys(faults, 0))

    def step(self, most: int) -> None:
        """Inject the next fault if its moment has come, and no more than `most` in all."""
        if time.monotonic() < self._next_at or self.counts.total() >= most:
            return
        self._turn = self._turn or self._rng.sample(list(self._faults), len(self._faults))
        name = self._turn.pop()
        if self._faults[name]():
            self.counts[name] += 1
        self._next_at = time.monotonic() + self._rng.uniform(*self._waits_s)


def killed(process: psutil.Process | None) -> bool:
    """Kill a process; False without one."""
    with suppress(psutil.NoSuchProcess):
        if process is not None:
            process.kill()
            return True
    return False


def killed_driver(driver: Driver) -> bool:
    """Kill a driver alone: what it has started must end by itself."""
    if not driver.is_running():
        return False
    os.kill(driver.pid, signal.SIGKILL)
    return True


def frozen(process: psutil.Process | None, thawing: list[tuple[float, psutil.Process]]) -> bool:
    """Stop a process for a while; `thaw` lets it go on."""
    with suppress(psutil.NoSuchProcess):
        if process is not None:
            process.suspend()
            thawing.append((time.monotonic() + FROZEN_S, process))
            return True
    return False


def thaw(thawing: list[tuple[float, psutil.Process]]) -> None:
    """Let processes go on whose time is over."""
    for entry in [entry for entry in thawing if time.monotonic() > entry[0]]:
        thawing.remove(entry)
        with suppress(psutil.NoSuchProcess):
            entry[1].resume()
