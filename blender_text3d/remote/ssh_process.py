# SPDX-License-Identifier: GPL-3.0-or-later
"""The process of ssh."""

import subprocess
import sys
from typing import IO, Any


def start_ssh(command: list[str], *, shows_errors: bool = False) -> "subprocess.Popen[bytes]":
    """Start ssh with pipes for standard input and output.

    Args:
        command: Its command line.
        shows_errors: True to leave standard error to the user; otherwise it is a pipe, too.

    Raises:
        OSError: It cannot be started.
    """
    flags = 0
    if sys.platform == "win32":
        flags = subprocess.CREATE_NO_WINDOW
    errors = None if shows_errors else subprocess.PIPE
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, creationflags=flags)


def pipe(stream: IO[bytes] | None) -> Any:
    """Return a pipe of a process that was started with it."""
    assert stream is not None
    return stream
