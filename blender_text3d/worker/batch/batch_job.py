# SPDX-License-Identifier: GPL-3.0-or-later
"""BatchJob: one job of a batch, from the engine's steps to its events, previews and files."""

import traceback
from collections.abc import Callable, Generator
from typing import TYPE_CHECKING

from ...protocol.events import Cancelled, Event, Finished, Started
from ...protocol.job_folder import JobFolder
from ...protocol.request import Request
from ..reporting.error_mapping import failed_event
from ..reporting.eta import EtaEstimator
from ..reporting.event_reporter import EventReporter
from ..reporting.preview_writer import PreviewWriter

if TYPE_CHECKING:
    from ...engine.generate import Recipe, Result, Step
    from ...geometry import Mesh, PointCloud


class BatchJob:
    """A running job. An error in its folder or its object ends this job and no other.

    Attributes:
        folder: The job folder.
        reporter: Writes the job's events.
        previews: Writes preview.npz.
        request: The request, once it is read.
        recipe: The part of the request that the engine needs.
        has_ended: True once the last event is written, or cannot be written.
        journal_error: The reason why the last event could not be written.
        reason: The failure reason, as a code; "" if the job did not fail.
    """

    request: Request
    recipe: "Recipe"

    def __init__(self, folder: JobFolder, eta: EtaEstimator) -> None:
        self.folder = folder
        self.reporter = EventReporter(folder, eta)
        self.previews = PreviewWriter(folder.preview, self.is_watched)
        self.has_ended = False
        self.journal_error: Exception | None = None
        self.reason = ""
        self._last_step = ("load", 0)

    def is_watched(self) -> bool:
        """True if previews are wanted: somebody follows the job, a Rerun viewer shows it, or it is compared there."""
        return bool(self.request.viewer or self.request.comparison) or self.folder.is_watched()

    def attempt(self, action: Callable[[], object]) -> None:
        """Run an action unless the job has ended; an error ends the job."""
        if self.has_ended:
            return
        try:
            action()
        except Exception as error:
            self.fail(error)

    def start(self, event: Started) -> None:
        """Report that the model is loaded."""
        self.attempt(lambda: self.reporter.start(self.request, event))

    def report_step(
        self,
        stage: str,
        index: int,
        total: int,
        *,
        preview: "PointCloud | Mesh | None" = None,
        step: "Step | None" = None,
    ) -> None:
        """Report a finished step of a stage; see EventReporter.step."""
        self._last_step = (stage, index)
        self.attempt(lambda: self.reporter.step(stage, index, total, preview=preview, engine_step=step))

    def notice(self, message: str) -> None:
        """Report a sentence for the user."""
        self.attempt(lambda: self.reporter.notice(message))

    def check_cancelled(self) -> None:
        """End the job if a cancel was requested."""
        self.attempt(self._end_if_cancelled)

    def _end_if_cancelled(self) -> None:
        if self.folder.is_cancel_requested():
            stage, index = self._last_step
            self.end(Cancelled(stage=stage, index=index))

    def handle_step(self, step: "Step") -> Generator[None, None, None]:
        """Report a step of the engine, or write its result; yields wherever a cancel can take effect."""
        if step.result is not None:
            yield from self.finish(step.result)
        else:
            self.attempt(lambda: self._handle_progress(step))
            yield

    def _handle_progress(self, step: "Step") -> None:
        if step.notice:
            self.notice(step.notice)
        if step.input_image is not None:
            from ..reporting.image_files import save_png

            save_png(self.folder.seen_image, step.input_image)
        if step.stage != "load":  # run_jobs reports loading, because Started names the device
            preview = self.previews.write_if_due(step.preview)
            self.report_step(step.stage, step.index, step.total, preview=preview, step=step)

    def finish(self, result: "Result") -> Generator[None, None, None]:
        """Write the files of a result and end the job."""
        from ...engine.generate import validated
        from ..thumbnails.write import add_thumbnail

        try:
            result = validated(result, self.recipe)
            files = yield from self._export(result)
            if not self.has_ended:
                self.end(finished_event(result, files, self.reporter.elapsed_s()), result)
                add_thumbnail(self.folder, result.mesh or result.cloud)
        except Exception as error:
            self.fail(error)

    def _export(self, result: "Result") -> Generator[None, None, dict[str, str]]:
        """Write the files one by one until the job ends; returns their names."""
        from ..reporting.export import writers

        files = writers(self.folder, result)
        for index, (path, write) in enumerate(files.values(), start=1):
            if not self.has_ended:
                write(path)
                self.report_step("export", index, len(files))
                yield
        recording = {"rrd": self.folder.rrd.name} if self.folder.rrd.exists() else {}
        return {name: path.name for name, (path, _) in files.items()} | recording

    def fail(self, error: Exception) -> None:
        """End the job with an error, unless it has already ended."""
        if self.has_ended:
            return
        try:
            traceback.print_exception(error)
        except OSError as log_error:  # the log is in the job folder, so the journal cannot be written either
            self.has_ended, self.journal_error = True, log_error
        else:
            failed = failed_event(error, self.folder)
            self.reason = failed.reason
            self.end(failed)

    def end(self, event: Event, result: "Result | None" = None) -> None:
        """Report the last event."""
        self.has_ended = True
        try:
            self.reporter.end(event, result)
        except Exception as error:  # a full disk, or no memory left even for this
            self.journal_error = error


def finished_event(result: "Result", files: dict[str, str], elapsed_s: float) -> Finished:
    """Return the last event of a job that made an object, with its files and counts."""
    mesh, cloud = result.mesh, result.cloud
    return Finished(
        elapsed_s=elapsed_s,
        files=files,
        vertices=len(mesh.vertices) if mesh else 0,
        faces=len(mesh.faces) if mesh else 0,
        points=len(cloud.points) if cloud else 0,
    )
