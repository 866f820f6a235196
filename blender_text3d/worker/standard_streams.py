# SPDX-License-Identifier: GPL-3.0-or-later
"""The worker's stdin, stdout and stderr: commands stay private, and the output of a job goes to its worker.log."""

import contextlib
import ctypes
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO


def private_stdin() -> TextIO:
    """Return stdin on a new descriptor and leave descriptor 0 empty, so that no library or child can read commands."""
    lines = os.fdopen(os.dup(0), encoding="utf-8", errors="replace")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    return lines


@contextmanager
def redirect_output(log: Path) -> Iterator[None]:
    """Append descriptors 1 and 2 to a file, which also catches the output of C libraries and child processes.

    Raises:
        OSError: The file cannot be opened.
    """
    originals = {descriptor: os.dup(descriptor) for descriptor in (1, 2)}
    try:
        with log.open("ab") as file:
            _flush()
            for descriptor in originals:
                os.dup2(file.fileno(), descriptor)
        yield
    finally:
        _flush()
        for descriptor, original in originals.items():
            os.dup2(original, descriptor)
            os.close(original)


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    if sys.platform != "win32":
        ctypes.CDLL(None).fflush(None)  # output that C code still buffers
