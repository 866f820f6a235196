# SPDX-License-Identifier: GPL-3.0-or-later
"""One maker at a time: a lock that the system itself takes back when its holder dies."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

if os.name == "nt":
    import msvcrt
else:
    import fcntl


@contextmanager
def only_maker(env_dir: Path) -> Iterator[bool]:
    """Hold the environment's lock; gives False, and holds nothing, where another process has it."""
    with open(lock_path(env_dir), "a", encoding="utf-8") as file:
        yield _try_lock(file.fileno())


def is_being_made(env_dir: Path) -> bool:
    """Whether some process is making this environment now."""
    if not lock_path(env_dir).exists():
        return False
    with only_maker(env_dir) as is_free:
        return not is_free


def lock_path(env_dir: Path) -> Path:
    """The file that is locked; it stays."""
    return env_dir.with_name(env_dir.name + ".lock")


def _try_lock(descriptor: int) -> bool:
    try:
        if os.name == "nt":
            os.lseek(descriptor, 0, os.SEEK_SET)
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
