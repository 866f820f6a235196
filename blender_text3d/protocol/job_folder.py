# SPDX-License-Identifier: GPL-3.0-or-later
"""JobFolder: the files of a job, which Blender and the worker share."""

import errno
import json
import os
import time
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from ..system.console import sanitized
from ..system.files import create_exclusive
from ..system.lazy_dataclass import lazy_dataclass
from ..system.untrusted_files import is_plain_name, read_json, remove_special_files
from .claim import Claim, read_claim, write_claim
from .errors import BadRequest, InvalidJob
from .events import TERMINAL, Event, event_from_json
from .journal import journal_lines
from .request import Request
from .validation import truncated_repr

FORMAT = 1
LATENT_NAME = "latent.npz"
STEPS_NAME = "steps.npz"
WATCHED_NAME = "watched"
DRAFT_NAME = "live_draft"
MAX_REQUEST_BYTES = 2**20
MAX_INPUT_NAME = 255


class FilePath:
    """Descriptor for the path of a file in a job folder."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __get__(self, job: "JobFolder", owner: type) -> Path:
        return job.path / self.name


@lazy_dataclass(frozen=True)
class JobFolder:
    """A job on disk. Only the path is kept in memory, so an instance is never out of date."""

    path: Path

    request = FilePath("request.json")
    journal = FilePath("events.jsonl")
    preview = FilePath("preview.npz")
    cloud = FilePath("cloud.npz")
    mesh = FilePath("mesh.npz")
    latent = FilePath(LATENT_NAME)
    steps = FilePath(STEPS_NAME)
    step_meshes = FilePath("step_meshes.npz")
    rrd = FilePath("job.rrd")
    log = FilePath("worker.log")
    thumbnail = FilePath("thumbnail.png")
    seen_image = FilePath("seen_image.png")
    view = FilePath("view.png")
    views = FilePath("views.npz")
    view_images = FilePath("views")

    def view_candidate(self, index: int) -> Path:
        """Path of a candidate for the view of a three-step model."""
        return self.path / f"view_{index}.png"

    @property
    def job_id(self) -> str:
        """Name of the folder."""
        return self.path.name

    def read_request(self) -> Request:
        """Return the request.

        Raises:
            InvalidJob: request.json is missing, incomplete, or from another version.
        """
        try:
            content = read_json(self.request, MAX_REQUEST_BYTES)
            if content["format"] != FORMAT:
                found = truncated_repr(content["format"])
                raise InvalidJob(f"Job {self.job_id} has format {found}, not {FORMAT}. Update the add-on.")
            return Request.from_values(content["request"])
        except OSError as error:
            raise InvalidJob(
                f"Job {self.job_id} cannot be read ({error.strerror}). Generate the object again."
            ) from error
        except (ValueError, KeyError, TypeError) as error:
            cause = error if isinstance(error, BadRequest) else "its request.json is incomplete."
            raise InvalidJob(f"Job {self.job_id} cannot be used: {cause} Generate the object again.") from error

    def input_file(self, name: str) -> Path | None:
        """Return the job's copy of an input file by its name in the request, or None for no name.

        Raises:
            InvalidJob: The name leads out of the folder, or there is no such file.
        """
        if not name:
            return None
        path = self.own_file(name)
        if not path.is_file():
            raise InvalidJob(f"Job {self.job_id} has no file {name!r}. Generate the object again.")
        return path

    def input_name(self, copy: str) -> str:
        """Return the user's name of an input file by the name of the job's copy, which is returned if none is known."""
        try:
            name = read_json(self.request, MAX_REQUEST_BYTES)["input_names"][copy]
        except (OSError, ValueError, KeyError, TypeError):
            return copy
        return sanitized(name)[:MAX_INPUT_NAME] if isinstance(name, str) and name else copy

    def own_file(self, name: str) -> Path:
        """Return the path of a file that the request or an event names.

        Raises:
            InvalidJob: The name leads out of the folder.
        """
        if not is_plain_name(name) or (self.path / name).is_symlink():
            raise InvalidJob(f"Job {self.job_id} has no file {truncated_repr(name)}. Generate the object again.")
        return self.path / name

    def events(self) -> list[Event]:
        """Return all events so far, up to the first terminal one; none if the journal cannot be read."""
        try:
            lines = journal_lines(self.journal)
        except OSError:
            return []
        events = [event for event in map(event_from_json, lines) if event is not None]
        end = next((place for place, event in enumerate(events, 1) if isinstance(event, TERMINAL)), len(events))
        return events[:end]

    def last_event(self) -> Event | None:
        """Return the newest event, or None."""
        return next(reversed(self.events()), None)

    def append(self, event: Event) -> None:
        """Append an event as one line; a second terminal event is dropped.

        Raises:
            OSError: The line cannot be written.
        """
        if isinstance(event, TERMINAL) and isinstance(self.last_event(), TERMINAL):
            return
        if self.journal.is_symlink():
            raise OSError(errno.ELOOP, "a symbolic link, which may lead out of the job folder", str(self.journal))
        with self.journal.open("a+b") as file:
            # A killed worker may have left an incomplete line: terminate it first.
            if file.tell() and not _ends_with_newline(file):
                file.write(b"\n")
            file.write(event.to_json().encode() + b"\n")

    def request_cancel(self) -> None:
        """Request that the worker stops after its current step."""
        self._create("cancel", "")

    def is_cancel_requested(self) -> bool:
        """True if the job should stop."""
        return (self.path / "cancel").exists()

    def set_watched(self, is_watched: bool) -> None:
        """Request previews of the job, or no more; a folder that cannot be written is left as it is."""
        with suppress(OSError):
            if is_watched:
                self._create(WATCHED_NAME, "")
            else:
                (self.path / WATCHED_NAME).unlink(missing_ok=True)

    def is_watched(self) -> bool:
        """True if somebody watches the job form."""
        return (self.path / WATCHED_NAME).exists()

    def is_draft(self) -> bool:
        """True if the job is a draft of Live, which is deleted unless the user keeps it."""
        return os.path.lexists(self.path / DRAFT_NAME)

    def keep_draft(self) -> None:
        """Make a draft a job like any other.

        Raises:
            OSError: The folder cannot be written.
        """
        (self.path / DRAFT_NAME).unlink(missing_ok=True)

    def claim(self) -> bool:
        """Claim the job for this process; False if another process has claimed it. A claim is never taken away."""
        is_claimed = write_claim(self.path / "claim.json")
        if is_claimed:
            remove_special_files(self.path)
        return is_claimed

    def is_claimed(self) -> bool:
        """True if a process has claimed the job, whatever its claim says."""
        return (self.path / "claim.json").exists()

    def claimed_by(self) -> Claim | None:
        """Return the claim on the job, or None."""
        return read_claim(self.path / "claim.json")

    def mark_imported(self) -> bool:
        """Record that the object was imported; False if that was recorded before."""
        return self._create("imported.json", json.dumps({"time": time.time()}))

    def is_imported(self) -> bool:
        """True if the object was imported into a scene."""
        return (self.path / "imported.json").exists()

    def _create(self, name: str, content: str) -> bool:
        return create_exclusive(self.path / name, content)


def _ends_with_newline(file: BinaryIO) -> bool:
    file.seek(-1, os.SEEK_END)
    return file.read(1) == b"\n"
