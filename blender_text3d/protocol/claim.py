# SPDX-License-Identifier: GPL-3.0-or-later
"""Claim: which process has taken something, so that every other one can tell whether it still has it."""

import json
import os
import platform
import time
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from ..system.files import create_exclusive
from ..system.machine import is_this_machine, machine_id
from ..system.process import own_start_token
from ..system.untrusted_files import read_json

MAX_BYTES = 2**16


@dataclass(frozen=True)
class Claim:
    """A process that has taken something; pid 0 where the file was only half written.

    The parent counts too: on Windows the python.exe of a virtual environment starts the real one as its child.

    Attributes:
        machine: The host by a name that stays; "" where it has none, and in claims of older versions.
        started: When the process began; "" where that is not known, and in claims of older versions.
    """

    pid: int
    parent: int = 0
    host: str = ""
    time: float = 0.0
    machine: str = ""
    started: str = ""

    def is_sound(self) -> bool:
        """Whether its values are what they should be."""
        words, pids = (self.host, self.machine, self.started), (self.pid, self.parent)
        are_words = all(isinstance(word, str) for word in words)
        return are_words and all(type(pid) is int and 0 <= pid < 2**31 for pid in pids)

    def is_here(self) -> bool:
        """Whether the process is one of this machine."""
        return is_this_machine(self.host, self.machine)

    def is_ours(self) -> bool:
        """Whether it is this very process."""
        is_same = self.pid == os.getpid() and self.is_here()
        return is_same and self.started in ("", own_start_token())


INCOMPLETE_CLAIM = Claim(pid=0)
KNOWN = {part.name for part in fields(Claim)}


def write_claim(path: Path) -> bool:
    """Take something for this process; False where another has it. What is written there now, stays there.

    Raises:
        OSError: It cannot be written.
    """
    own = Claim(os.getpid(), os.getppid(), platform.node(), time.time(), machine_id(), own_start_token())
    return create_exclusive(path, json.dumps(asdict(own)))


def read_claim(path: Path) -> Claim | None:
    """Who has taken something, or None; what a newer version says beside that is passed over."""
    try:
        values = read_json(path, MAX_BYTES)
        claim = Claim(**{name: value for name, value in values.items() if name in KNOWN})
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, AttributeError):
        return INCOMPLETE_CLAIM
    return claim if claim.is_sound() else INCOMPLETE_CLAIM
