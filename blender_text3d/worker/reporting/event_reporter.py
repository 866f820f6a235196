# SPDX-License-Identifier: GPL-3.0-or-later
"""EventReporter: writes the events of one job to its journal, and passes them to other sinks."""

import time
import traceback
from typing import TYPE_CHECKING

from ...protocol.events import Event, Made, Notice, Progress, Started, ViewChosen
from ...protocol.job_folder import JobFolder
from ...protocol.request import Request
from .eta import EtaEstimator
from .memory import memory_mb

if TYPE_CHECKING:
    from ...engine.generate import Result, Step
    from ...geometry import Mesh, PointCloud
    from ..rerun.sink import RerunSink


class EventReporter:
    """The events of one job. An error in the journal is raised and ends the job; an error in a sink ends the sink."""

    def __init__(self, folder: JobFolder, eta: EtaEstimator) -> None:
        self._folder = folder
        self._eta = eta
        self._sinks: list[RerunSink] = []
        self._start_time = time.monotonic()
        eta.start(self._start_time)

    def attach(self, sinks: list["RerunSink"]) -> None:
        """Pass all later events to these sinks."""
        self._sinks = list(sinks)

    def start(self, request: Request, started: Started) -> None:
        """Report that the model is loaded."""
        self._folder.append(started)
        self._forward("start", request, started)

    def step(
        self,
        stage: str,
        index: int,
        total: int,
        *,
        preview: "PointCloud | Mesh | None" = None,
        engine_step: "Step | None" = None,
    ) -> Progress:
        """Report a finished step of a stage.

        Args:
            stage: The name of the stage.
            index: The number of finished steps of the stage.
            total: The total number of steps of the stage.
            preview: The geometry that was written to preview.npz, or None.
            engine_step: The step of the engine, if it comes from the engine.
        """
        now = time.monotonic()
        progress = Progress(
            stage=stage,
            index=index,
            total=total,
            elapsed_s=self.elapsed_s(),
            eta_s=self._eta.eta_s(stage, index, total, now),
            memory_mb=memory_mb(),
            sigma=engine_step.sigma if engine_step else None,
            preview=preview is not None,
        )
        self._folder.append(progress)
        self._forward("step", progress, engine_step, preview)
        return progress

    def made(self, made: Made) -> None:
        """Report that the object can be imported; from now on, estimates of other jobs learn nothing from this one."""
        self._eta = self._eta.copy()
        self._folder.append(made)
        self._forward("step", made)

    def view_chosen(self, chosen: ViewChosen) -> None:
        """Report which view was chosen."""
        self._folder.append(chosen)
        self._forward("step", chosen)

    def notice(self, message: str) -> None:
        """Report a sentence for the user."""
        notice = Notice(message=message)
        self._folder.append(notice)
        self._forward("step", notice)

    def end(self, event: Event, result: "Result | None") -> None:
        """Report the last event: to the journal after every sink is closed, because readers act on it."""
        self._forward("finish", event, result)
        self._forward("close")
        self._folder.append(event)

    def elapsed_s(self) -> float:
        """Return the seconds since the job started."""
        return round(time.monotonic() - self._start_time, 3)

    def _forward(self, method: str, *arguments: object) -> None:
        for sink in list(self._sinks):
            try:
                getattr(sink, method)(*arguments)
            except Exception:
                traceback.print_exc()
                self._sinks.remove(sink)
