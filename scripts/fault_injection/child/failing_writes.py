# SPDX-License-Identifier: GPL-3.0-or-later
"""A disk that is full at the n-th write of a process, simulated by patching Python's file functions.

This file imports nothing from the project, because its source is also run in front of the worker. Opening a file for
writing, each block of bytes, each new folder, link and rename count as writes; writes of native libraries (Rerun's
recording) do not.
"""

import builtins
import errno
import io
import json
import os
import threading
from typing import Any

WRITING_CALLS = (("link", 1), ("mkdir", 0), ("rename", 1), ("replace", 1))
PLAN = "plan.json"


class DiskFull:
    """Counter of the writes below a folder, some of which fail, as set in a plan: {"serial", "at", "is_permanent"}.

    Args:
        folder: The folder whose writes are counted.
        plans: The folder of the plan and of the number of writes since it was changed.
    """

    def __init__(self, folder: str, plans: str) -> None:
        self.folder, self.plans = folder, plans
        self.serial, self.count = None, 0
        self.lock = threading.Lock()
        self.real_open, self.real_replace = io.open, os.replace

    def install(self) -> None:
        """Patch the file functions of this process."""
        io.open = builtins.open = self.open
        for name, place in WRITING_CALLS:
            setattr(os, name, self.counted(getattr(os, name), place))

    def write(self, path: str | bytes | os.PathLike) -> None:
        """Count a write, and raise if it is one that fails."""
        if not os.fspath(path).startswith(self.folder):
            return
        with self.lock:  # several threads write
            count, plan = self.next_count()
        if count == plan["at"] or (plan["is_permanent"] and count > plan["at"] > 0):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), os.fspath(path))

    def next_count(self) -> tuple[int, dict[str, Any]]:
        """Count one more write; returns the count and the plan."""
        with self.real_open(os.path.join(self.plans, PLAN)) as file:
            plan = json.load(file)
        self.count = self.count + 1 if plan["serial"] == self.serial else 1
        self.serial = plan["serial"]
        self.store_count(os.path.join(self.plans, f"{self.serial}.count"))
        return self.count, plan

    def store_count(self, path: str) -> None:
        """Replace the file of the count, which another process reads at any moment: it must never be empty."""
        unfinished = path + ".unfinished"
        with self.real_open(unfinished, "w") as file:
            file.write(str(self.count))
        self.real_replace(unfinished, path)

    def counted(self, make, place: int):
        """Return a function of os that counts a write; `place` is the index of the path it writes."""

        def make_or_fail(*paths, **more):
            self.write(paths[place])
            return make(*paths, **more)

        return make_or_fail

    def open(self, file, mode="r", buffering=-1, encoding=None, errors=None, newline=None, *rest):
        """Replace io.open, and count each block of bytes that is written."""
        is_name = isinstance(file, (str, os.PathLike))
        if not is_name or not set(mode) & set("wax+") or not os.fspath(file).startswith(self.folder):
            return self.real_open(file, mode, buffering, encoding, errors, newline, *rest)
        self.write(file)
        return self.buffered(CountedFile(self, file, mode), mode, buffering, encoding, errors, newline)

    def buffered(self, raw, mode, buffering, encoding, errors, newline):
        """Return a raw file with the buffer and text layer of io.open."""
        if buffering == 0:
            return raw
        buffer = io.BufferedRandom(raw) if "+" in mode else io.BufferedWriter(raw)
        return buffer if "b" in mode else io.TextIOWrapper(buffer, encoding, errors, newline)


class CountedFile(io.FileIO):
    """A file that counts each block of bytes as a write."""

    def __init__(self, full: DiskFull, file, mode: str) -> None:
        self.full = full
        super().__init__(os.fspath(file), mode.replace("b", "").replace("t", ""))

    def write(self, content) -> int:
        """Write one block."""
        self.full.write(self.name)
        return super().write(content)
