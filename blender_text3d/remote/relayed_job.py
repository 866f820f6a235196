# SPDX-License-Identifier: GPL-3.0-or-later
"""RelayedJob: a job folder here whose object is made on another machine."""

import hashlib
import json
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from ..protocol.create_job import INPUT_STEMS
from ..protocol.events import TERMINAL, Cancelled, Event, Failed, Finished, Made, Notice, Progress, event_from_json
from ..protocol.failures import Reason
from ..protocol.job_folder import MAX_REQUEST_BYTES, JobFolder
from ..protocol.version import ENGINE_VERSION
from ..system.machine import machine_id
from ..system.untrusted_files import read_json, require_regular_file
from .job_files import REQUEST_NAME, content_frames, file_frames, is_result_name, max_bytes

CONNECT, RECONNECT = "connect", "reconnect"
"""Stages of a job without a connection."""
NOT_SENT = {"viewer": "", "comparison": ""}
"""Settings that need this machine."""
NOT_FIXED_HERE = {
    Reason.ENVIRONMENT,
    Reason.WEIGHTS,
    Reason.BROKEN_WEIGHTS,
    Reason.BROKEN_MINI,
    Reason.MISSING_PART,
    Reason.NOT_DOWNLOADED,
    Reason.NO_DEVICE,
    Reason.DISK_FULL,
    Reason.READ_ONLY,
}
"""Reasons whose buttons would act on this machine."""
NOT_SHOWN = "Jobs on {} are not shown in the live view; each is recorded, and its recording can be opened."
WITHOUT, ASKED, SENT, THERE = range(4)
"""Steps on the way to the other machine, of one connection."""


class RelayedJob:
    """One job, from its claim to its last event.

    Attributes:
        folder: The job folder here.
        key: Its name there.
        step: How far it is on its way there; WITHOUT at the start of each connection.
        seen: Events of there that are in the journal here.
        is_claimed: True if the relay has claimed it.
        has_ended: True once its last event is written here.
        has_cancelled: True once the other machine was told to cancel it.
        was_watched: What the other machine was told last.
        received_bytes: Size of all files that have arrived.
    """

    def __init__(self, folder: JobFolder, taken: set[str]) -> None:
        """Read the request.

        Args:
            folder: The job folder here.
            taken: Keys of other open jobs, which may ask for the same object.

        Raises:
            OSError, ValueError, KeyError, TypeError: The folder is not complete.
        """
        self.folder = folder
        self._content: dict[str, Any] = read_json(folder.request, MAX_REQUEST_BYTES)
        self._request: dict[str, Any] = dict(self._content["request"])
        self.inputs = [name for setting in INPUT_STEMS if (name := self._request.get(setting))]
        key = self._hash()
        self.key = next(name for name in (key, *(f"{key}-{place}" for place in range(1, 1000))) if name not in taken)
        self.step = WITHOUT
        self.seen = 0
        self.is_claimed = self.has_ended = self.has_cancelled = self.was_watched = False
        self.received_bytes = 0
        self._progress = Progress(stage=CONNECT, index=0, total=1)

    def _hash(self) -> str:
        """Return a name that is the same for the same request of the same folder of jobs, and no other.

        An object that is done there when the connection is given up is found by it when the user tries again.
        """
        digests = [hashlib.sha256(self._input(name).read_bytes()).hexdigest() for name in self.inputs]
        parts = [ENGINE_VERSION, machine_id(), str(self.folder.path.parent), self._request | NOT_SENT, digests]
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:32]

    def _input(self, name: str) -> Any:
        path = self.folder.own_file(name)
        require_regular_file(path, max_bytes(name))
        return path

    def upload(self) -> Iterator[bytes]:
        """Yield the frames of the request and of the input files.

        Raises:
            OSError: One cannot be read.
        """
        content = self._content | {"request": self._request | NOT_SENT}
        yield from content_frames(self.key, REQUEST_NAME, json.dumps(content).encode())
        for name in self.inputs:
            yield from file_frames(self.key, name, self._input(name))

    def begin(self, host: str, *, is_connected: bool) -> None:
        """Report that the job is on its way."""
        if not is_connected:
            self.folder.append(self._progress)
        if self._request.get("viewer"):
            self.folder.append(Notice(message=NOT_SHOWN.format(host)))

    def report_lost(self, host: str) -> None:
        """Report that the connection is lost."""
        if self._progress.stage != CONNECT:
            self.folder.append(
                Notice(message=f"The connection to {host} was lost. Trying again; the job goes on there.")
            )
        self.folder.append(replace(self._progress, stage=RECONNECT, preview=False, time=time.time()))

    def report_found(self) -> None:
        """Report the stage that the job was in, once there is a connection again."""
        self.folder.append(replace(self._progress, preview=False, time=time.time()))

    def cancel_here(self) -> None:
        """End the job without the other machine."""
        self._append(Cancelled(stage=self._progress.stage, index=self._progress.index))

    def fail(self, message: str, fix: str) -> None:
        """End the job, because the other machine cannot."""
        self._append(Failed(message=message, reason=Reason.REMOTE, fix=fix))

    def add(self, line: str, host: str, offset_s: float) -> Event | None:
        """Append an event of the other machine.

        Args:
            line: The event as JSON.
            host: Name of the other machine.
            offset_s: Seconds by which the clock here is ahead of the one there.

        Returns:
            The event, or None if it is of an unknown kind.
        """
        event = event_from_json(line)
        self.seen += 1
        if event is None or self.has_ended:
            return None
        event = replace(event, time=event.time + offset_s)
        if isinstance(event, Progress):
            self._progress = event
        elif isinstance(event, Made | Finished):
            event = replace(event, files={kind: name for kind, name in event.files.items() if self._has(name)})
        elif isinstance(event, Failed):
            event = failure_there(event, host)
        self._append(event)
        return event

    def _has(self, name: str) -> bool:
        return (is_result_name(name) or name == self.folder.view_images.name) and (self.folder.path / name).exists()

    def _append(self, event: Event) -> None:
        self.folder.append(event)
        self.has_ended = isinstance(event, TERMINAL)


def failure_there(event: Failed, host: str) -> Failed:
    """Return a failure of the other machine as one of this machine's jobs."""
    reason = Reason.REMOTE if event.reason in NOT_FIXED_HERE else event.reason
    fix = f"On {host}: {event.fix}" if reason == Reason.REMOTE else event.fix
    return replace(event, message=f"{host}: {event.message}", reason=reason, fix=fix)
