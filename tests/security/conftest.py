# SPDX-License-Identifier: GPL-3.0-or-later
"""Limits for tests of hostile files: little memory, and an end to hangs, so that a bomb or a pipe fails a test."""

import os
import resource
import signal
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path

import pytest

SPARE_BYTES = 300 * 2**20
HANG_S = 300
"""Only a hang takes this long: these files would keep a reader busy for years, or block it forever."""
PLAIN_NAMES = {"folder": Path.mkdir, "pipe": os.mkfifo}
LINKS = {"link to a device": "/dev/zero", "link to nothing": "/nowhere/at/all", "link to a text": __file__}
NO_PLAIN_FILES = [*PLAIN_NAMES, *LINKS]


@contextmanager
def little_memory(spare_bytes: int = SPARE_BYTES):
    """Limit the address space that the block may add."""
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + spare_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


class Hang(BaseException):
    """Not an Exception, so that no reader takes it for an error of the file."""


def _raise_hang(*_: object) -> None:
    raise Hang(f"no end after {HANG_S} s")


@pytest.fixture
def bounded():
    """Run the test with little memory, and end it if it hangs."""
    before = signal.signal(signal.SIGALRM, _raise_hang)
    signal.alarm(HANG_S)
    try:
        with little_memory():
            yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


@pytest.fixture
def put_no_file() -> Callable[[Path, str], Path]:
    """Puts something that is no plain file at a path: a name of NO_PLAIN_FILES."""

    def put(path: Path, what: str) -> Path:
        if what in LINKS:
            path.symlink_to(LINKS[what])
        else:
            PLAIN_NAMES[what](path)
        return path

    return put
