# SPDX-License-Identifier: GPL-3.0-or-later
"""Every test here runs with little memory to spare and little time, so that a bomb or a pipe is a failure, no wait."""

import os
import resource
import signal
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path

import pytest

SPARE_BYTES = 300 * 2**20
TIMEOUT_S = 20
PLAIN_NAMES = {"folder": Path.mkdir, "pipe": os.mkfifo}
LINKS = {"link to a device": "/dev/zero", "link to nothing": "/nowhere/at/all", "link to a text": __file__}
NO_PLAIN_FILES = [*PLAIN_NAMES, *LINKS]


@contextmanager
def little_memory(spare_bytes: int = SPARE_BYTES):
    """What is done here may take no more address space than this."""
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + spare_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


class TooLong(BaseException):
    """No error that anybody takes for a file's."""


def _too_long(*_: object) -> None:
    raise TooLong(f"it took more than {TIMEOUT_S} s")


@pytest.fixture
def bounded():
    """The test itself has little memory and little time."""
    before = signal.signal(signal.SIGALRM, _too_long)
    signal.alarm(TIMEOUT_S)
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
