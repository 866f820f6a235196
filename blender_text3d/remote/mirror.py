# SPDX-License-Identifier: GPL-3.0-or-later
"""Mirror: the events and files of a job of this machine as frames for the machine that sent it."""

import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from ..protocol.events import TERMINAL, Event, Finished, Made, Progress, Queued, ViewChosen
from ..protocol.job_folder import JobFolder
from .frames import frame_bytes
from .job_files import PREVIEW_NAME, SEEN_NAME, THUMBNAIL_NAME, file_frames, is_result_name, result_names

MAX_THUMBNAIL_S = 3.0
"""Time after the last event in which the worker may still add a thumbnail."""


class Mirror:
    """State of a job as the other machine has it.

    Attributes:
        folder: The job folder.
        has_ended: True once the last event is sent.
        is_done: True once nothing more will come.
    """

    def __init__(self, folder: JobFolder, seen: int) -> None:
        """Continue after a number of events that were sent over an earlier connection."""
        self.folder = folder
        self.has_ended = self.is_done = False
        self._is_claim_sent = False
        self._seen = seen
        self._number = 0
        self._sent: dict[str, tuple[int, int, int]] = {}
        self._ended_at = 0.0
        self._is_finished = False

    def claim(self) -> Iterator[bytes]:
        """Yield the frame that tells of the claim, once."""
        if not self._is_claim_sent:
            self._is_claim_sent = True
            yield frame_bytes("claimed", key=self.folder.job_id)

    def add(self, event: Event) -> Iterator[bytes]:
        """Yield the frames of an event: first those of the files that it is about."""
        if isinstance(event, Queued):
            return
        yield from self.claim()
        self._number += 1
        if self._number > self._seen:
            yield from self._files(self._names(event))
            text = event.to_json()
            yield frame_bytes("event", key=self.folder.job_id, number=self._number, event=text)
        if isinstance(event, TERMINAL):
            self.has_ended, self._ended_at = True, time.monotonic()
            self._is_finished = isinstance(event, Finished)

    def rest(self) -> Iterator[bytes]:
        """Yield what comes after the last event, once it is there."""
        if not self.has_ended or self.is_done:
            return
        is_late = time.monotonic() - self._ended_at > MAX_THUMBNAIL_S
        if self._is_finished and not self.folder.thumbnail.exists() and not is_late:
            return
        yield from self._files((THUMBNAIL_NAME,))
        self.is_done = True
        yield frame_bytes("done", key=self.folder.job_id)

    def _names(self, event: Event) -> list[str]:
        """Return the names of the files that must be there before an event is."""
        if isinstance(event, TERMINAL):
            return [name for name in result_names(self.folder.path) if name not in (PREVIEW_NAME, THUMBNAIL_NAME)]
        if isinstance(event, Made):
            return list(event.files.values())
        if isinstance(event, ViewChosen):
            return [name for name in result_names(self.folder.path) if name.startswith("view") and "/" not in name]
        return [SEEN_NAME, *([PREVIEW_NAME] if isinstance(event, Progress) and event.preview else [])]

    def _files(self, names: Iterable[str]) -> Iterator[bytes]:
        """Yield the frames of the files that are new or have changed."""
        for name in names:
            path = self.folder.path / name
            version = version_of(path)
            if version and is_result_name(name) and version != self._sent.get(name):
                self._sent[name] = version
                yield from file_frames(self.folder.job_id, name, path)


def version_of(path: Path) -> tuple[int, int, int] | None:
    """Return values that change with a file, or None without one."""
    try:
        status = path.stat(follow_symlinks=False)
    except OSError:
        return None
    return status.st_size, status.st_mtime_ns, status.st_ino
