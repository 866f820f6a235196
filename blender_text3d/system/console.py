# SPDX-License-Identifier: GPL-3.0-or-later
"""What a program prints, where the terminal does not know all letters: Windows' often do not, and file names may."""

import io
import sys


def use_lossy_console_encoding() -> None:
    """Print letters that the terminal does not know by their numbers, instead of ending with an error."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
