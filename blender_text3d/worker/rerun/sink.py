# SPDX-License-Identifier: GPL-3.0-or-later
"""A job's events → its Rerun recording, and a viewer where the user wants one."""

from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from ...protocol.events import Event, Progress, Started
from ...protocol.job_folder import JobFolder
from ...protocol.request import Request
from .comparison import merge_recordings
from .live_view import LiveView
from .recording import Recording

if TYPE_CHECKING:
    from ...engine.generate import Result, Step


class RerunSink:
    """Writes job.rrd, and lets a viewer follow it.

    Nothing here may cost the job anything: the first error ends the recording, is told once, and goes no further.
    The viewer is fed by another process (see LiveView), so that it can be slow, stuck or gone.

    Args:
        job: Where job.rrd goes.
        live: The worker's one way to a viewer; shared by its jobs.
        tell: Is given a sentence that the user should know.
    """

    def __init__(self, job: JobFolder, live: LiveView, tell: Callable[[str], None]) -> None:
        self._job = job
        self._live = live
        self._tell = tell
        self._recording: Recording | None = None

    def start(self, request: Request, started: Started) -> None:
        self._attempt(self._open, request, started)
        self._attempt(self._live.follow, self._job, request.viewer)
        self._tell_troubles()

    def step(self, event: Event, step: "Step | None" = None) -> None:
        if self._recording and isinstance(event, Progress):
            self._attempt(self._recording.log_step, event, step)
        elif self._recording:
            self._attempt(self._recording.log_event, event)
        self._tell_troubles()

    def finish(self, event: Event, result: "Result | None" = None) -> None:
        if self._recording:
            self._attempt(self._recording.log_end, event, result)
        self.close()

    def close(self) -> None:
        recording, self._recording = self._recording, None
        if recording:
            self._attempt(recording.close)
            self._attempt(merge_recordings, self._job)

    def _open(self, request: Request, started: Started) -> None:
        self._recording = Recording(self._job.rrd, self._job.job_id, request)
        self._recording.log_start(started)

    def _attempt(self, action: Callable, *arguments) -> None:
        try:
            action(*arguments)
        except Exception as error:
            recording, self._recording = self._recording, None
            if recording:
                with suppress(Exception):  # the first error is told
                    recording.close()
            self._tell(f"The Rerun recording stops here ({error}). The object itself is not affected.")

    def _tell_troubles(self) -> None:
        for trouble in self._live.troubles():
            self._tell(trouble)
