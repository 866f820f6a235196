# SPDX-License-Identifier: GPL-3.0-or-later
"""Claim: a file that records which process owns a job, so that others can tell whether it still runs."""

import json
import os
import platform
import time
from pathlib import Path
from typing import Any, NamedTuple

from ..system.files import create_exclusive
from ..system.machine import is_this_machine, machine_id
from ..system.process import own_start_token
from ..system.untrusted_files import read_json

MAX_BYTES = 2**16


class Claim(NamedTuple):
    """The owner of a job, with pid 0 if the file is incomplete.

    The parent is recorded, because on Windows python.exe of a virtual environment starts the real Python as its child.

    Attributes:
        pid: ID of the process.
        parent: ID of its parent process.
        host: Host name of the machine.
        time: Time of the claim in Unix seconds.
        machine: `machine_id()`; "" if unknown, and in claims of older versions.
        started: Start token of the process; "" if unknown, and in claims of older versions.
    """

    pid: int
    parent: int = 0
    host: str = ""
    time: float = 0.0
    machine: str = ""
    started: str = ""

    def is_valid(self) -> bool:
        """True if all values have their types and ranges."""
        texts, pids = (self.host, self.machine, self.started), (self.pid, self.parent)
        are_texts = all(isinstance(text, str) for text in texts)
        return are_texts and all(type(pid) is int and 0 <= pid < 2**31 for pid in pids)

    def is_on_this_machine(self) -> bool:
        """True if the process belongs to this machine."""
        return is_this_machine(self.host, self.machine)

    def is_own_process(self) -> bool:
        """True if this process made the claim."""
        has_own_pid = self.pid == os.getpid() and self.is_on_this_machine()
        return has_own_pid and self.started in ("", own_start_token())


INCOMPLETE_CLAIM = Claim(pid=0)


def write_claim(path: Path) -> bool:
    """Claim a file for this process; False if another process has claimed it. The file is never rewritten.

    Raises:
        OSError: The file cannot be written.
    """
    return create_exclusive(path, json.dumps(own_claim()._asdict()))


def own_claim() -> Claim:
    """Return the claim of this process."""
    return Claim(os.getpid(), os.getppid(), platform.node(), time.time(), machine_id(), own_start_token())


def read_claim(path: Path) -> Claim | None:
    """Return the claim in a file, or None without one."""
    try:
        return parse_claim(read_json(path, MAX_BYTES))
    except FileNotFoundError:
        return None
    except (OSError, ValueError):
        return INCOMPLETE_CLAIM


def parse_claim(values: Any) -> Claim:
    """Return the claim in parsed JSON; fields of newer versions are ignored, and invalid values are incomplete."""
    try:
        claim = Claim(**{name: value for name, value in values.items() if name in Claim._fields})
    except (TypeError, AttributeError):
        return INCOMPLETE_CLAIM
    return claim if claim.is_valid() else INCOMPLETE_CLAIM
