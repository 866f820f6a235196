# SPDX-License-Identifier: GPL-3.0-or-later
"""Member: one of the jobs that are made together."""

import traceback
from collections.abc import Callable
from typing import TYPE_CHECKING

from ...protocol.events import Cancelled, Event
from ...protocol.job_folder import JobFolder
from ...protocol.request import Request
from ..reporting.error_mapping import failed_event
from ..reporting.eta import EtaEstimator
from ..reporting.event_reporter import EventReporter
from ..reporting.preview_writer import PreviewWriter

if TYPE_CHECKING:
    from ...engine.generate import Recipe, Result, Step


class BatchJob:
    """A job at work: what goes wrong in its own folder, or with its own object, ends it and nobody else.

    Attributes:
        job: Its folder.
        report: Who hears of it.
        request: What was asked, once it is read.
        recipe: The engine's part of that.
        has_ended: Whether its last event is told, or nobody can be told.
        unheard: Why its last event could not be written.
        reason: Why it failed, as a code; "" where it did not.
    """

    request: Request
    recipe: "Recipe"

    def __init__(self, job: JobFolder, pace: EtaEstimator) -> None:
        self.job = job
        self.report = EventReporter(job, pace)
        self.previews = PreviewWriter(job.preview)
        self.has_ended = False
        self.unheard: Exception | None = None
        self.reason = ""
        self._reached = ("load", 0)

    def attempt(self, action: Callable[[], object]) -> None:
        """Do something for this job alone, unless it has ended; an error ends it."""
        if self.has_ended:
            return
        try:
            action()
        except Exception as error:
            self.fail(error)

    def tell(self, stage: str, index: int, of: int, *, preview: bool = False, step: "Step | None" = None) -> None:
        """One step of a stage is done; see Report.step."""
        self._reached = (stage, index)
        self.attempt(lambda: self.report.step(stage, index, of, preview=preview, engine_step=step))

    def notice(self, message: str) -> None:
        """Something its user should know."""
        self.attempt(lambda: self.report.notice(message))

    def heed_cancel(self) -> None:
        """End here if somebody asked for it."""
        self.attempt(self._end_if_asked)

    def _end_if_asked(self) -> None:
        if self.job.is_cancel_asked():
            stage, index = self._reached
            self.end(Cancelled(stage=stage, index=index))

    def fail(self, error: Exception) -> None:
        """End with an error, unless the job has ended already."""
        if self.has_ended:
            return
        try:
            traceback.print_exception(error)
        except OSError as full:  # the log lies in the job folder, so nobody can be told there
            self.has_ended, self.unheard = True, full
        else:
            failed = failed_event(error, self.job)
            self.reason = failed.reason
            self.end(failed)

    def end(self, event: Event, result: "Result | None" = None) -> None:
        """Tell the last event."""
        self.has_ended = True
        try:
            self.report.end(event, result)
        except Exception as error:  # a full disk, or no memory even for this
            self.unheard = error
