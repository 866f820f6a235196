# SPDX-License-Identifier: GPL-3.0-or-later
"""JobFolder: the one place where all that is known of a job lies."""

import errno
import json
import os
import time
from dataclasses import dataclass
from pathlib import Path

from ..system.files import create_exclusive
from ..system.traps import remove_special_files
from ..system.untrusted_files import is_plain_name, read_json
from .claim import Claim, read_claim, write_claim
from .errors import BadRequest, InvalidJob
from .events import TERMINAL, Event, event_from_json
from .journal import journal_lines
from .request import Request
from .validation import truncated_repr

FORMAT = 1
LATENT_NAME = "latent.npz"
MAX_REQUEST_BYTES = 2**20


class FileInside:
    """An attribute that gives the path of one file in the job folder."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __get__(self, job: "JobFolder", owner: type) -> Path:
        return job.path / self.name


@dataclass(frozen=True)
class JobFolder:
    """One job on disk. It holds the path and nothing else, so that no copy of it can grow old."""

    path: Path

    request = FileInside("request.json")
    journal = FileInside("events.jsonl")
    preview = FileInside("preview.npz")
    cloud = FileInside("cloud.npz")
    mesh = FileInside("mesh.npz")
    latent = FileInside(LATENT_NAME)
    glb = FileInside("mesh.glb")
    mesh_ply = FileInside("mesh.ply")
    cloud_ply = FileInside("cloud.ply")
    rrd = FileInside("job.rrd")
    log = FileInside("worker.log")
    thumbnail = FileInside("thumbnail.png")
    seen_image = FileInside("seen_image.png")
    views = FileInside("views.npz")
    view_images = FileInside("views")

    @property
    def job_id(self) -> str:
        return self.path.name

    def read_request(self) -> Request:
        """What was asked.

        Raises:
            InvalidJob: request.json is missing, half-written, or from another version.
        """
        try:
            content = read_json(self.request, MAX_REQUEST_BYTES)
            if content["format"] != FORMAT:
                format_ = truncated_repr(content["format"])
                raise InvalidJob(f"Job {self.job_id} has format {format_}, not {FORMAT}. Update the add-on.")
            return Request.from_values(content["request"])
        except OSError as error:
            raise InvalidJob(
                f"Job {self.job_id} cannot be read ({error.strerror}). Ask for the object again."
            ) from error
        except (ValueError, KeyError, TypeError) as error:
            why = error if isinstance(error, BadRequest) else "its request.json is incomplete."
            raise InvalidJob(f"Job {self.job_id} cannot be used: {why} Ask for the object again.") from error

    def input_file(self, name: str) -> Path | None:
        """The job's own copy of a file it starts from, by the name in the request; None for no name.

        Raises:
            InvalidJob: The name points out of the folder, or there is no such file.
        """
        if not name:
            return None
        path = self.own_file(name)
        if not path.is_file():
            raise InvalidJob(f"Job {self.job_id} has no file {name!r} of its own. Ask for the object again.")
        return path

    def own_file(self, name: str) -> Path:
        """The path of a file that the request or an event names.

        Raises:
            InvalidJob: The name leads out of the folder.
        """
        if not is_plain_name(name) or (self.path / name).is_symlink():
            raise InvalidJob(
                f"Job {self.job_id} has no file {truncated_repr(name)} of its own. Ask for the object again."
            )
        return self.path / name

    def events(self) -> list[Event]:
        """All that happened so far, up to the last event; empty where nothing was written."""
        try:
            lines = journal_lines(self.journal)
        except OSError:
            return []
        known = [event for event in map(event_from_json, lines) if event is not None]
        end = next((place for place, event in enumerate(known, 1) if isinstance(event, TERMINAL)), len(known))
        return known[:end]

    def last_event(self) -> Event | None:
        """The newest event, or None."""
        return next(reversed(self.events()), None)

    def append(self, event: Event) -> None:
        """Write one event as one line; a second last event is dropped, so that there is never more than one.

        Raises:
            OSError: The line cannot be written.
        """
        if isinstance(event, TERMINAL) and isinstance(self.last_event(), TERMINAL):
            return
        if self.journal.is_symlink():
            raise OSError(errno.ELOOP, "a link, which may lead out of the job folder", str(self.journal))
        with self.journal.open("a+b") as file:
            # A worker that was killed may have left half a line: end it, so that ours stands alone.
            if file.tell() and not _ends_with_newline(file):
                file.write(b"\n")
            file.write(event.to_json().encode() + b"\n")

    def ask_to_cancel(self) -> None:
        """Tell whoever works on this job to stop after its present step."""
        self._write_once("cancel", "")

    def is_cancel_asked(self) -> bool:
        """Whether somebody wants this job to stop."""
        return (self.path / "cancel").exists()

    def claim(self) -> bool:
        """Take the job for this process; False where another has it. What is written there now, stays there."""
        is_taken = write_claim(self.path / "claim.json")
        if is_taken:
            remove_special_files(self.path)
        return is_taken

    def claimed_by(self) -> Claim | None:
        """Who took the job, or None."""
        return read_claim(self.path / "claim.json")

    def mark_imported(self) -> bool:
        """Remember that the object stands in a scene; False where that was known already."""
        return self._write_once("imported.json", json.dumps({"time": time.time()}))

    def is_imported(self) -> bool:
        """Whether the object was put in a scene."""
        return (self.path / "imported.json").exists()

    def _write_once(self, name: str, content: str) -> bool:
        return create_exclusive(self.path / name, content)


def _ends_with_newline(file) -> bool:
    file.seek(-1, os.SEEK_END)
    return file.read(1) == b"\n"
