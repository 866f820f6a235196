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
        object_only: True if the client needs the objects alone: no recording, kept steps, thumbnail or compression.
    """

    jobs: tuple[JobFolder, ...]
    at_once: int | None = None
    object_only: bool = False


@dataclass(frozen=True)
class MissingThumbnails:
    """Finished jobs that have no thumbnail yet.

    Attributes:
        jobs: The job folders, the most urgent first.
    """

    jobs: tuple[JobFolder, ...]


@dataclass(frozen=True)
class Preload:
    """A model to load before the first job asks for it.

    Attributes:
        model: Name of the model.
        device: Device as in a request.
    """

    model: str
    device: str


Command = Offer | MissingThumbnails | Preload


def commands_from(lines: Iterable[str]) -> Iterator[Command]:
    """Yield the commands in order; a line that names no job is reported on stderr and skipped."""
    for line in lines:
        command = _parse(line)
        if command is None:
            sys.stderr.write(f"This line names no job folder: {line!r}\n")
        else:
            yield command


def _parse(line: str) -> Command | None:
    """Parse one command, or return None.

    It is {"do": [folder, ...]}, with or without "at_once": a number from 1 and "object_only": true,
    {"thumbnails": [folder, ...]}, or {"preload": model, "device": device}.
    """
    try:
        values = json.loads(line)
        if "preload" in values:
            return Preload(str(values["preload"]), str(values["device"]))
        command = MissingThumbnails(_folders(values["thumbnails"])) if "thumbnails" in values else _offer(values)
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError):
        return None
    return command if command.jobs else None


def _offer(values: dict) -> Offer:
    folders, at_once = _folders(values["do"]), values.get("at_once")
    object_only = bool(values.get("object_only"))
    return Offer(folders, None if at_once is None else int(at_once), object_only)


def _folders(paths: str | list[str]) -> tuple[JobFolder, ...]:
    return tuple(JobFolder(Path(path)) for path in ([paths] if isinstance(paths, str) else paths))
