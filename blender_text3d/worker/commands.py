# SPDX-License-Identifier: GPL-3.0-or-later
"""What the client asks for: one JSON object a line on stdin."""

import json
import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from ..protocol.job_folder import JobFolder


@dataclass(frozen=True)
class Offer:
    """Jobs that wait, of which the worker claims as many as it does at once; the others are offered again.

    Attributes:
        jobs: In the order in which they were asked for.
        at_once: The most that may be made together; None leaves it to the worker.
    """

    jobs: tuple[JobFolder, ...]
    at_once: int | None = None


def private_stdin() -> TextIO:
    """stdin, moved to where no library and no child of one can read from it."""
    lines = os.fdopen(os.dup(0), encoding="utf-8", errors="replace")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    return lines


def offers_from(lines: Iterable[str]) -> Iterator[Offer]:
    """What there is to do, in order; a line that names no job is told on stderr and skipped."""
    for line in lines:
        offer = _offer_of(line)
        if offer is None:
            sys.stderr.write(f"This line names no job folder: {line!r}\n")
        else:
            yield offer


def _offer_of(line: str) -> Offer | None:
    """{"do": folder} or {"do": [folder, ...]}, either with "at_once": a number from 1."""
    try:
        values = json.loads(line)
        paths = [values["do"]] if isinstance(values["do"], str) else values["do"]
        at_once = values.get("at_once")
        offer = Offer(tuple(JobFolder(Path(path)) for path in paths), None if at_once is None else int(at_once))
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError):
        return None
    return offer if offer.jobs else None
