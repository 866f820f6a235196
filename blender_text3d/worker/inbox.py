# SPDX-License-Identifier: GPL-3.0-or-later
"""What the client asks for: one JSON object a line on stdin."""

import json
import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TextIO

from ..protocol.job_folder import JobFolder


def private_stdin() -> TextIO:
    """stdin, moved to where no library and no child of one can read from it."""
    lines = os.fdopen(os.dup(0), encoding="utf-8", errors="replace")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    return lines


def jobs_from(lines: Iterable[str]) -> Iterator[JobFolder]:
    """The jobs to do, in order; a line that names none is told on stderr and skipped."""
    for line in lines:
        job = _job_of(line)
        if job is None:
            sys.stderr.write(f"This line names no job folder: {line!r}\n")
        else:
            yield job


def _job_of(line: str) -> JobFolder | None:
    try:
        return JobFolder(Path(json.loads(line)["do"]))
    except (ValueError, KeyError, TypeError):
        return None
