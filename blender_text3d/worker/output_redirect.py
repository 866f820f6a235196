# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything a job prints goes to its worker.log."""

import contextlib
import ctypes
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def redirect_output(log: Path) -> Iterator[None]:
    """Point descriptors 1 and 2 at a file, so that Python, C libraries and children all print there.

    Raises:
        OSError: The file cannot be opened.
    """
    kept = {descriptor: os.dup(descriptor) for descriptor in (1, 2)}
    try:
        with log.open("ab") as file:
            _empty_buffers()
            for descriptor in kept:
                os.dup2(file.fileno(), descriptor)
        yield
    finally:
        _empty_buffers()
        for descriptor, original in kept.items():
            os.dup2(original, descriptor)
            os.close(original)


def _empty_buffers() -> None:
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    if sys.platform != "win32":
        ctypes.CDLL(None).fflush(None)  # what C code printed and still holds
