# SPDX-License-Identifier: GPL-3.0-or-later
"""Commands of the client: one JSON object a line on stdin."""

import json
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from ..protocol.job_folder import JobFolder


@dataclass(frozen=True)
class Offer:
    """Queued jobs, of which the worker claims as many as it runs at once; the client offers the others again.

    Attributes:
        jobs: The job folders in queue order.
        at_once: The largest batch; None lets the worker choose.
    """

    jobs: tuple[JobFolder, ...]
    at_once: int | None = None


def offers_from(lines: Iterable[str]) -> Iterator[Offer]:
    """Yield the offers in order; a line that names no job is reported on stderr and skipped."""
    for line in lines:
        offer = _parse(line)
        if offer is None:
            sys.stderr.write(f"This line names no job folder: {line!r}\n")
        else:
            yield offer


def _parse(line: str) -> Offer | None:
    """Parse {"do": folder} or {"do": [folder, ...]}, either with "at_once": a number from 1."""
    try:
        values = json.loads(line)
        paths = [values["do"]] if isinstance(values["do"], str) else values["do"]
        at_once = values.get("at_once")
        offer = Offer(tuple(JobFolder(Path(path)) for path in paths), None if at_once is None else int(at_once))
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError):
        return None
    return offer if offer.jobs else None
