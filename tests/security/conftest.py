# SPDX-License-Identifier: GPL-3.0-or-later
"""Limits for tests of hostile files: memory and time, so that a decompression bomb or a pipe fails a test."""

import os
import resource
import signal
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path

import pytest

SPARE_BYTES = 300 * 2**20
HANG_S = 300
"""Time limit that only a hang reaches: these files would keep a reader busy for years, or block it forever."""
CREATORS = {"folder": Path.mkdir, "pipe": os.mkfifo}
LINKS = {"link to a device": "/dev/zero", "link to nothing": "/nowhere/at/all", "link to a file": __file__}
SPECIAL_FILES = [*CREATORS, *LINKS]


@contextmanager
def limited_memory(spare_bytes: int = SPARE_BYTES):
    """Limit the address space that the block may add."""
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + spare_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


class Hang(BaseException):
    """Raised on a timeout; a BaseException, so that no reader handles it as an error of the file."""


def _raise_hang(*_: object) -> None:
    raise Hang(f"no end after {HANG_S} s")


@pytest.fixture
def bounded():
    """Run the test with little memory, and end it if it hangs."""
    before = signal.signal(signal.SIGALRM, _raise_hang)
    signal.alarm(HANG_S)
    try:
        with limited_memory():
            yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


@pytest.fixture
def make_special_file() -> Callable[[Path, str], Path]:
    """Function that creates one of SPECIAL_FILES at a path and returns the path."""

    def make(path: Path, kind: str) -> Path:
        if kind in LINKS:
            path.symlink_to(LINKS[kind])
        else:
            CREATORS[kind](path)
        return path

    return make
