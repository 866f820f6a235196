# SPDX-License-Identifier: GPL-3.0-or-later
"""A disk that is full at the n-th write of a process: what is put before its own Python, and who says which n.

It stands alone, without anything of ours: a worker's stand-in and the Blenders of the faults run it as it is. A file
that is opened to be written, each block of bytes, each new folder, link and rename is a write; what libraries write
without Python (Rerun's recording) is not.
"""

import builtins
import errno
import io
import json
import os

MAKES = (("link", 1), ("mkdir", 0), ("rename", 1), ("replace", 1))
PLAN = "plan.json"


class Full:
    """Counts the writes below a folder, and lets some fail, as a plan beside says: {"serial", "at", "stays"}.

    Args:
        folder: What is counted lies in it.
        plans: Where the plan lies; how many writes there were since it was changed is written there, too.
    """

    def __init__(self, folder: str, plans: str) -> None:
        self.folder, self.plans = folder, plans
        self.serial, self.count = None, 0
        self.real_open = io.open

    def install(self) -> None:
        """Before this process's own calls."""
        io.open = builtins.open = self.open
        for name, place in MAKES:
            setattr(os, name, self.counted(getattr(os, name), place))

    def write(self, path: object) -> None:
        """One more; raises where it is one that fails."""
        if not os.fspath(path).startswith(self.folder):
            return
        with self.real_open(os.path.join(self.plans, PLAN)) as file:
            plan = json.load(file)
        self.count = self.count + 1 if plan["serial"] == self.serial else 1
        self.serial = plan["serial"]
        with self.real_open(os.path.join(self.plans, f"{self.serial}.count"), "w") as file:
            file.write(str(self.count))
        if self.count == plan["at"] or (plan["stays"] and self.count > plan["at"] > 0):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), os.fspath(path))

    def counted(self, make, place: int):
        """A function of os that writes, given which of its arguments it writes."""

        def make_or_fail(*paths, **more):
            self.write(paths[place])
            return make(*paths, **more)

        return make_or_fail

    def open(self, file, mode="r", buffering=-1, encoding=None, errors=None, newline=None, *rest):
        """As io.open; files that are written count each block of bytes."""
        is_name = isinstance(file, (str, os.PathLike))
        if not is_name or not set(mode) & set("wax+") or not os.fspath(file).startswith(self.folder):
            return self.real_open(file, mode, buffering, encoding, errors, newline, *rest)
        self.write(file)
        return self.wrapped(CountedFile(self, file, mode), mode, buffering, encoding, errors, newline)

    def wrapped(self, raw, mode, buffering, encoding, errors, newline):
        """What io.open puts around a file."""
        if buffering == 0:
            return raw
        whole = io.BufferedRandom(raw) if "+" in mode else io.BufferedWriter(raw)
        return whole if "b" in mode else io.TextIOWrapper(whole, encoding, errors, newline)


class CountedFile(io.FileIO):
    """A file whose blocks of bytes are writes."""

    def __init__(self, full: Full, file, mode: str) -> None:
        self.full = full
        super().__init__(os.fspath(file), mode.replace("b", "").replace("t", ""))

    def write(self, content) -> int:
        """One block."""
        self.full.write(self.name)
        return super().write(content)
