# SPDX-License-Identifier: GPL-3.0-or-later
"""RerunSink: the events of a job → its Rerun recording, and a viewer if the user wants one."""

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
    from ...geometry import Mesh, PointCloud


class RerunSink:
    """Writer of job.rrd, which a viewer can follow.

    An error here never ends the job: the first one ends the recording and is reported once. The viewer is fed by
    another process (see LiveView), so it may be slow, unresponsive or closed.

    Args:
        folder: The job folder.
        live_view: The worker's viewer, shared by its jobs.
        notice: Called with each sentence for the user.
    """

    def __init__(self, folder: JobFolder, live_view: LiveView, notice: Callable[[str], None]) -> None:
        self._folder = folder
        self._live_view = live_view
        self._notice = notice
        self._recording: Recording | None = None

    def start(self, request: Request, started: Started) -> None:
        self._attempt(self._open, request, started)
        self._attempt(self._live_view.follow, self._folder, request.viewer)
        self._report_problems()

    def step(self, event: Event, step: "Step | None" = None, preview: "PointCloud | Mesh | None" = None) -> None:
        if self._recording and isinstance(event, Progress):
            self._attempt(self._recording.log_step, event, step, preview)
        elif self._recording:
            self._attempt(self._recording.log_event, event)
        self._report_problems()

    def finish(self, event: Event, result: "Result | None" = None) -> None:
        if self._recording:
            self._attempt(self._recording.log_end, event, result)
        self.close()

    def close(self) -> None:
        recording, self._recording = self._recording, None
        if recording:
            self._attempt(recording.close)
            self._attempt(merge_recordings, self._folder)

    def _open(self, request: Request, started: Started) -> None:
        self._recording = Recording(self._folder.rrd, self._folder.job_id, request)
        self._recording.log_start(started)

    def _attempt(self, action: Callable[..., object], *arguments: object) -> None:
        try:
            action(*arguments)
        except Exception as error:
            recording, self._recording = self._recording, None
            if recording:
                with suppress(Exception):  # the first error is the one to report
                    recording.close()
            self._notice(f"The Rerun recording was stopped ({error}). The object itself is not affected.")

    def _report_problems(self) -> None:
        for problem in self._live_view.take_problems():
            self._notice(problem)
