# SPDX-License-Identifier: GPL-3.0-or-later
"""Report: tells the journal, and then whoever else listens, what happens to one job."""

import time
import traceback
from typing import TYPE_CHECKING

from ...protocol.events import Event, Notice, Progress, Started
from ...protocol.job_folder import JobFolder
from ...protocol.request import Request
from .eta import EtaEstimator
from .memory import memory_mb

if TYPE_CHECKING:
    from ...engine.generate import Result, Step
    from ..rerun.sink import RerunSink


class EventReporter:
    """One job's news. What the journal cannot take ends the job; what another sink cannot take ends that sink."""

    def __init__(self, job: JobFolder, pace: EtaEstimator) -> None:
        self._job = job
        self._pace = pace
        self._sinks: list[RerunSink] = []
        self._began = time.monotonic()
        pace.begin(self._began)

    def listen(self, sinks: list["RerunSink"]) -> None:
        """Tell these too from now on."""
        self._sinks = list(sinks)

    def start(self, request: Request, started: Started) -> None:
        """The model is loaded and the work begins."""
        self._job.append(started)
        self._tell("start", request, started)

    def step(
        self, stage: str, index: int, of: int, *, preview: bool = False, engine_step: "Step | None" = None
    ) -> Progress:
        """One step of a stage is done.

        Args:
            preview: Whether preview.npz was replaced.
            engine_step: What the engine said, where it was the engine.
        """
        now = time.monotonic()
        stepped = Progress(
            stage=stage,
            index=index,
            of=of,
            elapsed_s=self.elapsed_s(),
            eta_s=self._pace.eta_s(stage, index, of, now),
            memory_mb=memory_mb(),
            sigma=engine_step.sigma if engine_step else None,
            preview=preview,
        )
        self._job.append(stepped)
        self._tell("step", stepped, engine_step)
        return stepped

    def notice(self, message: str) -> None:
        """Something the user should know."""
        notice = Notice(message=message)
        self._job.append(notice)
        self._tell("step", notice, None)

    def end(self, event: Event, result: "Result | None") -> None:
        """The last event: the journal's comes when every other sink is done, since readers act on it."""
        self._tell("finish", event, result)
        self._tell("close")
        self._job.append(event)

    def elapsed_s(self) -> float:
        """Seconds since the job began."""
        return round(time.monotonic() - self._began, 3)

    def _tell(self, action: str, *news: object) -> None:
        for sink in list(self._sinks):
            try:
                getattr(sink, action)(*news)
            except Exception:
                traceback.print_exc()
                self._sinks.remove(sink)
