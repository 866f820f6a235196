# SPDX-License-Identifier: GPL-3.0-or-later
"""Standard streams whose reader is gone, such as `| head -1`."""

import os
import sys
from contextlib import suppress

CLOSED_PIPE = 141
"""Exit code of programs that a closed pipe ends: 128 + SIGPIPE."""


def discard_output() -> None:
    """Send further output of standard streams to nowhere, so that Python says nothing of it at exit."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError, AttributeError):
            target = stream.fileno()
            if not _is_closed(stream):
                continue
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, target)
            os.close(nowhere)


def _is_closed(stream: object) -> bool:
    try:
        stream.flush()  # type: ignore[attr-defined]
    except OSError:
        return True
    return False
