# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs on a Ray cluster of this machine, and the faults that hit its processes."""

import random
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psutil

from .chaos import frozen, killed, killed_driver
from .drivers import Driver, worker_python
from .lists import List
from .local_runs import SHARD_SIZE, LocalRuns
from .ray_cluster import RayCluster

CORES = 1
DEADLINE_S = 5.0
MAKER, WORKER, RAYLET = "ray::", "blender_text3d.worker", "raylet"
"""Parts of command lines: of the process that makes objects, of its worker, and of a node's own process."""


class RayRuns(LocalRuns):
    """One driver on a cluster of two nodes, whose processes are killed too."""

    waits_s = (1.5, 6.0)

    def __init__(self, folder: Path, disk: Path, listed: List, rng: random.Random, ray_python: str = "") -> None:
        """Prepare cluster and driver, and start nothing; see `LocalRuns`."""
        self.cluster = RayCluster(ray_python, CORES, folder)
        super().__init__(folder, disk, listed, rng, ray_python)

    def __exit__(self, *_: object) -> None:
        super().__exit__(*_)
        self.cluster.end()

    def new_drivers(self) -> list[Driver]:
        """Return the only driver."""
        command = ["blender_text3d.batch.cluster", "--jobs", str(self._listed.paths[0]), "--out", str(self.out)]
        command += ["--shards", str(SHARD_SIZE), "--address", self.cluster.address, "--deadline", f"{DEADLINE_S:g}"]
        command += ["--python", str(worker_python(self._folder, self._ray_python))]
        return [Driver(command, self._folder / "driver0.log", self.cluster.variables, self._ray_python)]

    def faults(self) -> dict[str, Callable[[], bool]]:
        """Return the faults by name."""
        return {
            "worker killed": lambda: killed(self._some(WORKER)),
            "actor killed": lambda: killed(self._some(MAKER)),
            "actor frozen for 5 s": lambda: frozen(self._some(MAKER), self._thawing),
            "raylet of the second node killed": self._kill_raylet,
            "driver killed": lambda: killed_driver(self.drivers[0]),
            "head killed": self._kill_head,
            "disk full for 2 s": self._fill_disk,
        }

    def keep_running(self) -> None:
        """Start again what has ended."""
        with suppress(RuntimeError):
            self.cluster.keep_running()
        super().keep_running()

    def _some(self, words: str) -> psutil.Process | None:
        processes = [*self.cluster.head_processes(), *self.cluster.node_processes()]
        found = [process for process in processes if words in command_line(process) and RAYLET not in name_of(process)]
        return self._rng.choice(found) if found else None

    def _kill_raylet(self) -> bool:
        raylets = [process for process in self.cluster.node_processes() if RAYLET in name_of(process)]
        return killed(raylets[0] if raylets else None)

    def _kill_head(self) -> bool:
        processes = self.cluster.head_processes()
        return any([killed(process) for process in processes])


def command_line(process: psutil.Process) -> str:
    """Return a process's command line; "" if it has ended."""
    with suppress(psutil.Error):
        return " ".join(process.cmdline())
    return ""


def name_of(process: psutil.Process) -> str:
    """Return a process's name; "" if it has ended."""
    with suppress(psutil.Error):
        return str(process.name())
    return ""
