# SPDX-License-Identifier: GPL-3.0-or-later
"""What stands where in a job's Rerun recording, and when.

Entities, all under "job", or under the model's name where the job is part of a comparison::

    job/prompt           the recipe, in words
    job/picture          what the model sees of a picture, where it is given one
    job/log              what happened, in words
    job/curves/...       step_time_s and sigma
    job/forming/...      cloud or mesh: the object as it forms
    job/result/...       mesh and cloud: the object as it is
    job/views/...        000 and so on: pinhole cameras around it, with their pictures

Timelines: "step" counts the engine's steps through all stages, "elapsed" is time since the job began.
"""

from pathlib import Path
from typing import TYPE_CHECKING

import rerun as rr

from ...geometry import Mesh, PointCloud
from ...protocol.events import Cancelled, Event, Failed, Finished, Notice, Progress, Started
from ...protocol.request import Request
from .archetypes import archetype, offset_right
from .blueprint import APPLICATION_ID, blueprint, line_style, root_of, roots_of
from .cameras import log_views
from .close_stream import close_stream
from .text import recipe_markdown, sentence

if TYPE_CHECKING:
    from ...engine.generate import Result, Step

LEVELS = {
    Notice: rr.TextLogLevel.WARN,
    Cancelled: rr.TextLogLevel.WARN,
    Failed: rr.TextLogLevel.ERROR,
}


class Recording:
    """One job's recording: a stream of its own, into one file. Jobs that are compared share the recording's id."""

    def __init__(self, rrd: Path, job_id: str, request: Request) -> None:
        self._request, self._root = request, root_of(request)
        self._stream = rr.RecordingStream(APPLICATION_ID, recording_id=request.comparison or job_id)
        self._stream.set_log_tick_enabled(False)
        self._stream.set_sinks(rr.FileSink(rrd))
        self._steps = 0
        self._elapsed_s = 0.0
        self._stage = ""

    def log_start(self, started: Started) -> None:
        """The layout, the recipe, and the axes of model space."""
        request = self._request
        self._stream.send_blueprint(blueprint(roots_of(request)))
        self._stream.send_recording_name(request.prompt)
        about = rr.AnyValues(prompt=request.prompt, seed=request.seed, model=request.model)
        self._stream.send_property(self._root, about)
        self._stream.log(self._root, rr.ViewCoordinates.RIGHT_HAND_Z_UP, static=True)
        words = rr.TextDocument(recipe_markdown(request, started), media_type=rr.MediaType.MARKDOWN)
        self._log("prompt", words, static=True)
        for name in ("step_time_s", "sigma"):
            self._log(f"curves/{name}", line_style(name), static=True)
        self._set_time()
        self.log_event(started)

    def log_step(self, event: Progress, step: "Step | None") -> None:
        """One point of the curves, and the object as it is now."""
        self._steps += 1
        step_time_s, self._elapsed_s = event.elapsed_s - self._elapsed_s, event.elapsed_s
        self._set_time()
        if event.stage != self._stage:
            self._stage = event.stage
            self.log_event(event)
        self._log("curves/step_time_s", rr.Scalars(step_time_s))
        if event.sigma is not None:
            self._log("curves/sigma", rr.Scalars(event.sigma))
        if step and step.geometry is not None:
            self._log_forming(step.geometry)
        if step and step.picture is not None:
            self._log("picture", rr.Image(step.picture))

    def log_event(self, event: Event) -> None:
        """An event as a line of the text log."""
        level = LEVELS.get(type(event), rr.TextLogLevel.INFO)
        self._log("log", rr.TextLog(sentence(event), level=level))

    def log_end(self, event: Event, result: "Result | None") -> None:
        """The finished object in place of the forming one, and the last line of the log."""
        self._steps += 1
        if isinstance(event, Finished):
            self._elapsed_s = event.elapsed_s
        self._set_time()
        self.log_event(event)
        if result is not None:
            self._log_result(result.mesh, result.cloud)
            if result.views is not None:
                log_views(self._stream, self._root, result.views)

    def close(self) -> None:
        """Write all that is left; job.rrd is complete after this.

        Raises:
            RuntimeError: It could not be written.
        """
        close_stream(self._stream)

    def _log(self, entity: str, *archetypes: rr.AsComponents, static: bool = False) -> None:
        self._stream.log(f"{self._root}/{entity}", *archetypes, static=static)

    def _set_time(self) -> None:
        self._stream.set_time("step", sequence=self._steps)
        self._stream.set_time("elapsed", duration=self._elapsed_s)

    def _log_forming(self, geometry: PointCloud | Mesh) -> None:
        shown, other = ("mesh", "cloud") if isinstance(geometry, Mesh) else ("cloud", "mesh")
        self._log(f"forming/{other}", rr.Clear(recursive=False))
        self._log(f"forming/{shown}", archetype(geometry))

    def _log_result(self, mesh: Mesh | None, cloud: PointCloud | None) -> None:
        self._log("forming", rr.Clear(recursive=True))
        for name, geometry in {"mesh": mesh, "cloud": cloud}.items():
            if geometry is not None:
                self._log(f"result/{name}", archetype(geometry))
        if mesh is not None and cloud is not None:
            for name, place in offset_right(mesh).items():
                self._log(f"result/{name}", place)
