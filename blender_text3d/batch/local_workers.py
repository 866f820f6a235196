# SPDX-License-Identifier: GPL-3.0-or-later
"""LocalFleet: makers as processes of this machine, as `cluster.fleet.Fleet` has them on the nodes of a cluster."""

import itertools
import json
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from ..client.worker_process import process_group_options, worker_environment
from ..system.run_module import python_options
from .cluster.errors import UnfitNode
from .cluster.makers import Ended
from .cluster.object_maker import MakerSettings, Order, Result
from .core_groups import THREAD_VARIABLES, CoreGroup
from .forked_makers import ForkedMaker, MakerInput, MakerTemplate

PACKAGE = Path(__file__).absolute().parents[1]
MAX_STARTS = 3
"""Processes that may die one after the other before one of them is ready."""
CLOSE_WAIT_S = 15.0
HERE = "this machine"


class MakerDied(Exception):
    """A process has ended without an answer."""


@dataclass(eq=False)
class LocalMaker:
    """A process that makes objects.

    Attributes:
        name: Its name, unique in the run.
        group: The cores or the GPU that it may use.
        process: The process.
        is_ready: True if it can take work.
        is_busy: True if it has work.
        started_at: Moment of `time.monotonic` when it got its work.
    """

    name: str
    group: CoreGroup
    process: subprocess.Popen[bytes] | ForkedMaker
    is_ready: bool = False
    is_busy: bool = False
    started_at: float = field(default_factory=time.monotonic)

    @property
    def commands(self) -> IO[bytes] | MakerInput:
        """Its stdin."""
        assert self.process.stdin is not None
        return self.process.stdin


class LocalFleet:
    """The makers of a run, one per group of cores or GPU; one that dies is replaced.

    Attributes:
        makers: All makers that live, ready or not.
        unfit: Why this machine cannot make objects, or nothing.

    Args:
        settings: Their settings; threads and GPU are those of each group.
        groups: The groups.
        template: The process that they are forked from; None to start a Python for each.
    """

    def __init__(
        self, settings: MakerSettings, groups: Sequence[CoreGroup], template: MakerTemplate | None = None
    ) -> None:
        self.makers: list[LocalMaker] = []
        self.unfit: dict[str, str] = {}
        self._settings, self._groups, self._template = settings, groups, template
        self._answers: queue.SimpleQueue[tuple[LocalMaker, str]] = queue.SimpleQueue()
        self._names = itertools.count(1)
        self._failed_starts = 0

    @property
    def idle(self) -> list[LocalMaker]:
        """Makers that can take work."""
        return [maker for maker in self.makers if maker.is_ready and not maker.is_busy]

    def refresh(self, wanted: int) -> None:
        """Start makers in groups that have none, if fewer than `wanted` live."""
        used = [maker.group for maker in self.makers]
        free = [group for group in self._groups if group not in used and not self.unfit]
        for group in free[: max(0, wanted - len(used))]:
            self._start(group)

    def hand_out(self, maker: LocalMaker, orders: Sequence[Order]) -> None:
        """Let an idle maker make objects."""
        maker.is_busy, maker.started_at = True, time.monotonic()
        self._write(maker, orders)

    def wait(self, timeout_s: float) -> list[Ended]:
        """Return what ends within some seconds; makers that became ready on the way are handled."""
        ended: list[Ended | None] = []
        with suppress(queue.Empty):
            ended.append(self._answered(*self._answers.get(timeout=timeout_s)))
            while True:
                ended.append(self._answered(*self._answers.get_nowait()))
        return [one for one in ended if one]

    def remove(self, maker: LocalMaker) -> None:
        """End a maker at once, with what it makes."""
        if maker in self.makers:
            self.makers.remove(maker)
        maker.process.kill()
        maker.process.wait()

    def close(self) -> None:
        """End all makers; those that are idle end their worker first."""
        for maker in self.idle:
            maker.commands.close()
        give_up = time.monotonic() + CLOSE_WAIT_S
        for maker in self.idle:
            with suppress(subprocess.TimeoutExpired):
                maker.process.wait(max(0.0, give_up - time.monotonic()))
        for maker in list(self.makers):
            self.remove(maker)

    def _start(self, group: CoreGroup) -> None:
        settings = self._settings._replace(threads=group.threads, has_gpu=group.sees_gpus)
        try:
            process = self._forked(group) or spawned(group)
        except OSError as error:
            self.unfit[HERE] = f"{sys.executable} cannot be run ({error.strerror})."
            return
        maker = LocalMaker(f"{next(self._names)}", group, process)
        self.makers.append(maker)
        threading.Thread(target=self._read, args=(maker,), daemon=True).start()
        self._write(maker, settings._asdict())

    def _forked(self, group: CoreGroup) -> ForkedMaker | None:
        """Return a fork of the template; None if there is none any more, so that each maker is a Python of its own."""
        if self._template:
            with suppress(OSError):
                return self._template.fork(group.variables())
            self._template = None
        return None

    def _read(self, maker: LocalMaker) -> None:
        """Pass a maker's answers on, and an empty one at its end."""
        with suppress(OSError, ValueError):
            for line in maker.process.stdout or ():
                self._answers.put((maker, line.decode("utf-8", "replace")))
        self._answers.put((maker, ""))

    def _write(self, maker: LocalMaker, values: Any) -> None:
        with suppress(OSError):  # it has just ended, which its reader reports
            maker.commands.write(json.dumps(values).encode() + b"\n")

    def _answered(self, maker: LocalMaker, line: str) -> Ended | None:
        """Read an answer; None for that of a maker that is ready now, or that was removed."""
        if maker not in self.makers:
            return None
        try:
            values = json.loads(line)
            if "ready" in values:
                maker.is_ready, self._failed_starts = True, 0
                return None
            if "unfit" in values:
                return self._lost(maker, UnfitNode(values["unfit"]))
            results = [Result(*row) for row in values["results"]]
        except (ValueError, KeyError, TypeError):
            return self._died(maker)
        maker.is_busy = False
        return Ended(maker, results)

    def _died(self, maker: LocalMaker) -> Ended | None:
        self.remove(maker)
        if isinstance(maker.process, ForkedMaker) and not maker.process.has_begun:
            self._template = None  # it has ended, or cannot fork
            return None
        self._failed_starts += not maker.is_ready
        code = maker.process.returncode
        error = MakerDied("it broke down" if code is None else f"exit code {code}")
        return self._lost(maker, error, is_unfit=self._failed_starts >= MAX_STARTS)

    def _lost(self, maker: LocalMaker, error: Exception, *, is_unfit: bool = True) -> Ended:
        if is_unfit:
            self.unfit[HERE] = str(error)
        self.remove(maker)
        return Ended(maker, [], error, is_unfit)


def spawned(group: CoreGroup) -> "subprocess.Popen[bytes]":
    """Start a maker as a Python of its own.

    Raises:
        OSError: Python cannot be run.
    """
    variables = dict.fromkeys(THREAD_VARIABLES, str(group.threads)) | group.variables()
    return subprocess.Popen(
        [sys.executable, *maker_options()],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        bufsize=0,
        env=worker_environment() | variables,
        **process_group_options(),
    )


def maker_options() -> list[str]:
    """Return the arguments of Python that run a maker."""
    return ["-B", *python_options(PACKAGE, "batch.local_maker")]
