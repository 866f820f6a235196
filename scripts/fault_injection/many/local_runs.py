# SPDX-License-Identifier: GPL-3.0-or-later
"""Two batch commands without Ray that fill one folder, and the faults that hit them."""

import random
import re
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

import psutil

from blender_text3d.batch.object_store import ObjectStore

from ..child.clock_patch import CLOCK
from ..child.tmpfs import fill
from ..fault import require
from .chaos import Chaos, frozen, killed, killed_driver, thaw
from .drivers import RENAME_DELAY, Driver, worker_python
from .lists import List

LONGEST_S = 1500.0
FULL_S = 2.0
FREE_BYTES = 30_000
SHARD_SIZE = 150
SUMMARY = re.compile(r"^(\d+) made, \d+ existed", re.MULTILINE)


class LocalRuns:
    """Drivers of one folder, the second with a wrong clock and a slow disk.

    Attributes:
        drivers: The drivers.
        waits_s: Least and longest time between two faults, in seconds.
    """

    waits_s = (1.0, 4.0)

    def __init__(self, folder: Path, disk: Path, listed: List, rng: random.Random, ray_python: str = "") -> None:
        """Prepare the drivers, and start nothing.

        Args:
            folder: A folder for lists and logs.
            disk: The disk that becomes full; the output folder is there.
            listed: The list.
            rng: Random numbers.
            ray_python: Not used here.
        """
        self._folder, self._disk, self._listed, self._rng = folder, disk, listed, rng
        self._ray_python = ray_python
        self.out = disk / "out"
        self._thawing: list[tuple[float, psutil.Process]] = []
        self._filler: Path | None = None
        self._empty_at = 0.0
        self.drivers = self.new_drivers()
        self._chaos = Chaos(self.faults(), rng, self.waits_s)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for driver in self.drivers:
            driver.end()

    @property
    def counts(self) -> Counter[str]:
        """Number of faults by name."""
        return self._chaos.counts

    @property
    def starts(self) -> int:
        """Number of times that drivers were started."""
        return sum(driver.starts for driver in self.drivers)

    def new_drivers(self) -> list[Driver]:
        """Return the drivers."""
        worker = worker_python(self._folder)
        shared = ["--out", str(self.out), "--shards", str(SHARD_SIZE), "--python", str(worker)]
        commands = [["blender_text3d.batch", "--jobs", str(path), *shared] for path in self._listed.paths]
        variables: list[dict[str, str]] = [{}, {CLOCK: "-86400", RENAME_DELAY: "0.2"}]
        return [
            Driver(command, self._folder / f"driver{number}.log", own)
            for number, (command, own) in enumerate(zip(commands, variables, strict=True))
        ]

    def faults(self) -> dict[str, Callable[[], bool]]:
        """Return the faults by name."""
        return {
            "worker killed": lambda: killed(self._some_worker()),
            "command killed": lambda: killed_driver(self._rng.choice(self.drivers)),
            "worker frozen for 5 s": lambda: frozen(self._some_worker(), self._thawing),
            "disk full for 2 s": self._fill_disk,
        }

    def make_all(self, faults: int) -> None:
        """Run until all objects are there or are named as failed, with so many faults before.

        Raises:
            InvariantViolated: That took too long.
        """
        give_up = time.monotonic() + LONGEST_S
        while not self._is_done():
            require(time.monotonic() < give_up, f"not all objects were made in {LONGEST_S:.0f} s")
            self.keep_running()
            self._chaos.step(faults)
            self._undo()
            time.sleep(0.05)
        require(self.counts.total() >= faults, f"only {self.counts.total()} faults happened")
        self._undo(at_once=True)
        self.finish(give_up)

    def keep_running(self) -> None:
        """Start again what has ended."""
        for driver in self.drivers:
            if not driver.is_running():
                driver.start()

    def finish(self, give_up: float) -> None:
        """Let the drivers end without faults, in turn, until one ends with nothing left to do."""
        for driver in self.drivers:
            while driver.is_running():
                require(time.monotonic() < give_up, "a driver does not end")
                time.sleep(0.05)
        driver = self.drivers[0]
        driver.start()
        while driver.is_running():
            require(time.monotonic() < give_up, "the last driver does not end")
            time.sleep(0.05)
        require(driver.codes[-1] in (0, 1), f"the last driver ended with {driver.codes[-1]}")

    def made_again(self) -> int:
        """Run once more and return how many objects that made, which should be 0."""
        driver = self.drivers[0]
        driver.start()
        while driver.is_running():
            time.sleep(0.05)
        return int(SUMMARY.findall((self._folder / "driver0.log").read_text(errors="replace"))[-1])

    def keep_logs(self) -> Path:
        """Copy the logs to a folder that stays; returns it."""
        kept = Path(tempfile.mkdtemp(prefix="text3d-many-logs-"))
        for path in [*self._folder.glob("*.log"), *self.out.glob("*.jsonl"), *self.out.glob("*.json")]:
            shutil.copy(path, kept)
        return kept

    def _is_done(self) -> bool:
        if not self.out.is_dir():
            return False
        store = ObjectStore(self.out)
        made = {folder.name for folder in store.folders()} | store.shards.ids()
        return made >= self._listed.wanted

    def _some_worker(self) -> psutil.Process | None:
        workers = [child for driver in self.drivers if driver.is_running() for child in driver.children()]
        return self._rng.choice(workers) if workers else None

    def _fill_disk(self) -> bool:
        if self._filler is not None or not self._disk.is_mount():
            return False
        self._filler, self._empty_at = fill(self._disk, FREE_BYTES), time.monotonic() + FULL_S
        return True

    def _undo(self, *, at_once: bool = False) -> None:
        thaw([] if at_once else self._thawing)
        if at_once:
            for _, process in self._thawing:
                thaw_now(process)
            self._thawing.clear()
        if self._filler is not None and (at_once or time.monotonic() > self._empty_at):
            self._filler.unlink(missing_ok=True)
            self._filler = None


def thaw_now(process: Any) -> None:
    """Let a process go on, if it is still there."""
    try:
        process.resume()
    except psutil.NoSuchProcess:
        return
