# SPDX-License-Identifier: GPL-3.0-or-later
"""BatchJob: one job of a batch, from the engine's steps to its events, previews and files."""

import time
import traceback
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from ...protocol.events import Cancelled, Event, Finished, Made, Started
from ...protocol.job_folder import JobFolder
from ...protocol.request import Request
from ..reporting.error_mapping import failed_event
from ..reporting.eta import EtaEstimator
from ..reporting.event_reporter import EventReporter
from ..reporting.preview_writer import PreviewWriter
from ..reporting.view_files import ViewFiles

if TYPE_CHECKING:
    from ...engine.generate import Recipe, Result, Step
    from ...geometry import Mesh, PointCloud


SIGN_OF_LIFE_EVERY_S = 1.0
"""Time between the events of a job whose progress nobody follows."""


class BatchJob:
    """A running job. An error in its folder or its object ends this job and no other.

    Attributes:
        folder: The job folder.
        object_only: True if the client needs the object alone, because it deletes the folder afterwards.
        reporter: Writes the job's events.
        previews: Writes preview.npz.
        views: Writes the views of a three-step model.
        request: The request, once it is read.
        recipe: The part of the request that the engine needs.
        is_made: True once the object is complete and the rest is left to the file writer, perhaps in another thread.
        has_ended: True once the last event is written, or cannot be written.
        journal_error: The reason why the last event could not be written.
        reason: The failure reason, as a code; "" if the job did not fail.
    """

    request: Request
    recipe: "Recipe"

    def __init__(self, folder: JobFolder, eta: EtaEstimator, *, object_only: bool = False) -> None:
        self.folder = folder
        self.object_only = object_only
        self.reporter = EventReporter(folder, eta)
        self.previews = PreviewWriter(folder.preview, self.is_watched)
        self.views = ViewFiles(folder)
        self.is_made = False
        self.has_ended = False
        self.journal_error: Exception | None = None
        self.reason = ""
        self._last_step = ("load", 0)
        self._sign_of_life_at = -float("inf")

    @property
    def is_open(self) -> bool:
        """True until the object is made or the job has ended."""
        return not (self.is_made or self.has_ended)

    @property
    def writes_all(self) -> bool:
        """True if all events and files are wanted: the folder is kept, or a Rerun viewer shows the job."""
        return not self.object_only or bool(self.request.viewer or self.request.comparison)

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
        if self.writes_all or preview is not None or self._is_sign_of_life_due():
            self.attempt(lambda: self.reporter.step(stage, index, total, preview=preview, engine_step=step))

    def _is_sign_of_life_due(self) -> bool:
        now = time.monotonic()
        is_due = now - self._sign_of_life_at >= SIGN_OF_LIFE_EVERY_S
        self._sign_of_life_at = now if is_due else self._sign_of_life_at
        return is_due

    def notice(self, message: str) -> None:
        """Report a sentence for the user."""
        self.attempt(lambda: self.reporter.notice(self._with_users_names(message)))

    def _with_users_names(self, message: str) -> str:
        """Return a message with the user's names of the input files in place of those of the job's copies."""
        request = getattr(self, "request", None)
        for copy in filter(None, (request.image, request.latent, request.object) if request else ()):
            if copy in message:
                message = message.replace(copy, self.folder.input_name(copy))
        return message

    def check_cancelled(self) -> None:
        """End the job if a cancel was requested."""
        self.attempt(self._end_if_cancelled)

    def _end_if_cancelled(self) -> None:
        if self.folder.is_cancel_requested():
            stage, index = self._last_step
            self.end(Cancelled(stage=stage, index=index))

    def handle_step(self, step: "Step") -> "Result | None":
        """Report a step of the engine; return the job's result if that step has it and the object could be written."""
        result = step.result
        if result is None:
            self.attempt(lambda: self._handle_progress(step))
            return None
        self.attempt(lambda: self._make(result))
        return result if self.is_made else None

    def _handle_progress(self, step: "Step") -> None:
        if step.notice:
            self.notice(step.notice)
        if step.input_image is not None:
            from ..reporting.image_files import save_png

            save_png(self.folder.seen_image, step.input_image)
        if step.candidates is not None:
            self.views.save(step.candidates)
        if step.stage != "load":  # run_jobs reports loading, because Started names the device
            preview = self.previews.write_if_due(step.preview)
            self.report_step(step.stage, step.index, step.total, preview=preview, step=step)
        if step.choice is not None:
            self.attempt(partial(self.reporter.view_chosen, self.views.choose(step.choice)))

    def _make(self, result: "Result") -> None:
        """Write the geometry, and report that the object can be imported."""
        from ...engine.generate import validated
        from ..reporting.export import geometry_writers

        result = validated(result, self.recipe)
        files = geometry_writers(self.folder, result)
        for path, write in files.values():
            write(path)
        names = {name: path.name for name, (path, _) in files.items()}
        if names:  # else the views are all that was wanted
            self.reporter.made(Made(elapsed_s=self.reporter.elapsed_s(), files=names, **counts_of(result)))
        self.is_made = True

    def write_files(self, result: "Result") -> None:
        """Write all files that are still missing, and end the job: finished, cancelled or failed."""
        from ...engine.generate import validated
        from ..thumbnails.write import add_thumbnail

        try:
            result = validated(result, self.recipe)
            files = self._export(result)
            if not self.has_ended:
                self.end(Finished(elapsed_s=self.reporter.elapsed_s(), files=files, **counts_of(result)), result)
                if self.writes_all:
                    add_thumbnail(self.folder, result.mesh or result.cloud)
        except Exception as error:
            self.fail(error)

    def _export(self, result: "Result") -> dict[str, str]:
        """Write the files one by one and compress the geometry, until the job ends; returns the names of all files."""
        from ..reporting.export import compress_geometry, geometry_writers, other_writers

        written, others = geometry_writers(self.folder, result), other_writers(self.folder, result)
        if not self.writes_all:
            others.pop("steps", None)
        steps = [partial(write, path) for path, write in others.values()]
        if self.writes_all:
            steps.append(partial(compress_geometry, [path for path, _ in written.values()]))
        self.report_step("export", 0, len(steps))
        for index, step in enumerate(steps, start=1):
            self.check_cancelled()
            if not self.has_ended:
                step()
                self.report_step("export", index, len(steps))
        self.check_cancelled()
        recording = {"rrd": self.folder.rrd.name} if self.folder.rrd.exists() else {}
        return {name: path.name for name, (path, _) in (written | others).items()} | self.views.names | recording

    def fail(self, error: Exception) -> None:
        """End the job with an error, unless it has already ended."""
        if self.has_ended:
            return
        try:
            self._log(error)
        except OSError as log_error:  # the log is in the job folder, so the journal cannot be written either
            self.has_ended, self.journal_error = True, log_error
        else:
            failed = failed_event(error, self.folder)
            failed = replace(failed, message=self._with_users_names(failed.message))
            self.reason = failed.reason
            self.end(failed)

    def _log(self, error: Exception) -> None:
        """Write the traceback to the job's log, which is this process's output while the job runs."""
        if not self.is_made:
            traceback.print_exception(error)
            return
        with self.folder.log.open("a", encoding="utf-8") as log:
            traceback.print_exception(error, file=log)

    def end(self, event: Event, result: "Result | None" = None) -> None:
        """Report the last event."""
        self.has_ended = True
        try:
            self.reporter.end(event, result)
        except Exception as error:  # a full disk, or no memory left even for this
            self.journal_error = error


def counts_of(result: "Result") -> dict[str, int]:
    """Return the numbers of vertices, faces and points of a result."""
    mesh, cloud = result.mesh, result.cloud
    return {
        "vertices": len(mesh.vertices) if mesh else 0,
        "faces": len(mesh.faces) if mesh else 0,
        "points": len(cloud.points) if cloud else 0,
    }
