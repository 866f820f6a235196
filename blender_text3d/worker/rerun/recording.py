# SPDX-License-Identifier: GPL-3.0-or-later
"""Recording: the entities and timelines of one job in Rerun.

Entities, all under "job", or under the name of the model if the job is part of a comparison::

    job/prompt           the recipe as Markdown
    job/input_image      the preprocessed input image, if there is one
    job/view/...         forming and candidates: the images of a three-step model
    job/points/...       coarse and fine: the points of a three-step model
    job/formed           its last intermediate object, which stays
    job/distances        a section of the field that its surface was extracted from
    job/log              one line per event
    job/curves/...       step_time_s and sigma
    job/forming/...      cloud or mesh: the intermediate object
    job/result/...       mesh and cloud: the finished object
    job/views/...        000 and so on: pinhole cameras around the object, with their images

Timelines: "step" counts the engine's steps through all stages, "elapsed" is the time since the job started.
"""

from pathlib import Path
from typing import TYPE_CHECKING

import rerun as rr

from ...geometry import Mesh, PointCloud
from ...protocol.events import Cancelled, Event, Failed, Finished, Notice, Progress, Started
from ...protocol.models import MODELS
from ...protocol.request import Request
from .archetypes import archetype, log_views, side_by_side
from .blueprint import APPLICATION_ID, CURVES, line_style, root_of
from .chain import ChainLog
from .chain_blueprint import layout_of
from .close_stream import close_stream
from .text import recipe_markdown, sentence

if TYPE_CHECKING:
    from ...engine.generate import Result, Step

MAX_PLOTTED_SIGMA = 200.0
"""The first noise level of an image in its original schedule is 20,000, beside which no other could be seen."""
LOG_LEVELS = {
    Notice: rr.TextLogLevel.WARN,
    Cancelled: rr.TextLogLevel.WARN,
    Failed: rr.TextLogLevel.ERROR,
}


class Recording:
    """One job's recording: a stream into its own file. The jobs of a comparison share one recording ID."""

    def __init__(self, rrd: Path, job_id: str, request: Request) -> None:
        self._request, self._root = request, root_of(request)
        self._stream = rr.RecordingStream(APPLICATION_ID, recording_id=request.comparison or job_id)
        self._stream.set_log_tick_enabled(False)
        self._stream.set_sinks(rr.FileSink(rrd))
        self._steps = 0
        self._elapsed_s = 0.0
        self._stage = ""
        self._started: Started | None = None
        self._chain = ChainLog(self._log) if MODELS[request.model].image_model else None

    def log_start(self, started: Started) -> None:
        """Log that the job has started, and at once how to show it if a viewer follows."""
        self._started = started
        if self._request.viewer:
            self._log_layout(started)
        self._set_time()
        self.log_event(started)

    def _log_layout(self, started: Started) -> None:
        """Log the layout, the recipe, and the axes of model space; this takes as long as a step of a small model."""
        self._started, request = None, self._request
        self._stream.send_blueprint(layout_of(request))
        self._stream.send_recording_name(request.prompt)
        properties = rr.AnyValues(prompt=request.prompt, seed=request.seed, model=request.model)
        self._stream.send_property(self._root, properties)
        self._stream.log(self._root, rr.ViewCoordinates.RIGHT_HAND_Z_UP, static=True)
        document = rr.TextDocument(recipe_markdown(request, started), media_type=rr.MediaType.MARKDOWN)
        self._log("prompt", document, static=True)
        for name in CURVES:
            self._log(f"curves/{name}", line_style(name), static=True)

    def log_step(self, event: Progress, step: "Step | None", preview: PointCloud | Mesh | None = None) -> None:
        """Log a step: the next point of each curve, and the intermediate object if a preview was made of it."""
        self._steps += 1
        step_time_s, self._elapsed_s = event.elapsed_s - self._elapsed_s, event.elapsed_s
        self._set_time()
        if event.stage != self._stage:
            self._stage = event.stage
            self.log_event(event)
        self._log("curves/step_time_s", rr.Scalars(step_time_s))
        if event.sigma is not None and event.sigma <= MAX_PLOTTED_SIGMA:
            self._log("curves/sigma", rr.Scalars(event.sigma))
        if preview is not None:
            self._log_forming(preview)
        if step and step.input_image is not None:
            self._log("input_image", rr.Image(step.input_image))
        if step and self._chain:
            self._chain.log_step(step, preview)

    def log_event(self, event: Event) -> None:
        """Log an event as a line of text."""
        level = LOG_LEVELS.get(type(event), rr.TextLogLevel.INFO)
        self._log("log", rr.TextLog(sentence(event), level=level))

    def log_end(self, event: Event, result: "Result | None") -> None:
        """Log the last event, and the finished object in place of the intermediate one."""
        if self._started:
            self._log_layout(self._started)
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
        """Write all pending data, after which job.rrd is complete.

        Raises:
            RuntimeError: The data could not be written.
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
            for name, transform in side_by_side(mesh).items():
                self._log(f"result/{name}", transform)
