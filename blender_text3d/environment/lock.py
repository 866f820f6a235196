# SPDX-License-Identifier: GPL-3.0-or-later
"""One maker at a time: a lock that the system itself takes back when its holder dies.

The holder also writes its process id into the locked file, and empties the file when it lets go. So whoever only wants
to know takes no lock from a maker that starts at the same moment: it is tried where the file says that it is held.
"""

import errno
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from .errors import SetupFailed

if os.name == "nt":
    import msvcrt
else:
    import fcntl

HELD = {errno.EACCES, errno.EAGAIN, errno.EWOULDBLOCK, errno.EDEADLK}
LOCKED_BYTE = 2**30  # on Windows a locked byte cannot be read, so it lies behind the process id
AGAIN_S = 0.1


@contextmanager
def only_maker(env_dir: Path, patience_s: float = 0.0) -> Iterator[bool]:
    """Hold the environment's lock; gives False, and holds nothing, where another process has it.

    Args:
        env_dir: The environment.
        patience_s: How long to wait for another process to let go.

    Raises:
        SetupFailed: The file system of the environment's parent folder has no locks.
    """
    with open(lock_path(env_dir), "ab", buffering=0) as file:
        if not _try_for(file.fileno(), patience_s, env_dir):
            yield False
            return
        with suppress(OSError):  # of a full disk, from which one may just be removing something
            file.truncate(0)
            file.write(b"%d\n" % os.getpid())
        try:
            yield True
        finally:
            file.truncate(0)


def is_being_made(env_dir: Path) -> bool:
    """Whether some process is making this environment now; quick, and disturbs no maker that starts."""
    try:
        with open(lock_path(env_dir), "rb") as file:
            return bool(file.read(1)) and not _try_lock(file.fileno(), is_shared=True)
    except OSError:  # there is no such file, or no lock can be had there: then nobody holds one
        return False


def lock_path(env_dir: Path) -> Path:
    """The file that is locked; it stays."""
    return env_dir.with_name(env_dir.name + ".lock")


def _try_for(descriptor: int, patience_s: float, env_dir: Path) -> bool:
    until = time.monotonic() + patience_s
    try:
        while not (is_held := _try_lock(descriptor)) and time.monotonic() < until:
            time.sleep(AGAIN_S)
    except OSError as error:
        raise SetupFailed(
            f"The disk of {env_dir.parent} cannot lock files ({error.strerror}), so two set-ups could collide.",
            "Choose a data folder on another disk in the add-on's preferences.",
        ) from error
    return is_held


def _try_lock(descriptor: int, *, is_shared: bool = False) -> bool:
    """Whether the lock is ours now.

    Raises:
        OSError: There are no locks on this file system.
    """
    try:
        if os.name == "nt":
            os.lseek(descriptor, LOCKED_BYTE, os.SEEK_SET)
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(descriptor, (fcntl.LOCK_SH if is_shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in HELD:
            return False
        raise
    return True
