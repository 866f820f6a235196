# SPDX-License-Identifier: GPL-3.0-or-later
"""A request → an object in the job folder, told step by step."""

import os
import platform
from collections.abc import Generator
from contextlib import closing
from importlib.metadata import version
from typing import TYPE_CHECKING

from ..protocol.events import Finished, Started, Stepped
from ..protocol.job_folder import JobFolder
from ..protocol.request import Request
from ..protocol.version import ENGINE_VERSION
from .previews import Previews
from .report import Report
from .workshop import Workshop

if TYPE_CHECKING:
    from ..engine.generate import LoadedModel, Recipe, Result, Step

Steps = Generator[Stepped, None, "Result"]


def make(job: JobFolder, workshop: Workshop, report: Report) -> Generator[Stepped, None, tuple[Finished, "Result"]]:
    """The whole way of one job; whoever stops pulling cancels it."""
    request = job.read_request()
    yield report.step("load", 0, 2)
    engine = workshop.engine()
    report.listen(workshop.sinks(job, request, report.notice))
    yield report.step("load", 1, 2)
    report.start(request, started(engine.load(request.model, request.device)))
    yield report.step("load", 2, 2)
    result = yield from told(engine.generate(recipe(request, job)), job, report)
    files = yield from exported(job, result, report)
    return finished(result, files, report.elapsed_s()), result


def told(steps: "Generator[Step, None, Result]", job: JobFolder, report: Report) -> Steps:
    """The engine's steps as events, with their previews and pictures written; returns the engine's result."""
    previews = Previews(job.preview)
    with closing(steps):
        while True:
            try:
                step = next(steps)
            except StopIteration as done:
                return done.value
            if step.notice:
                report.notice(step.notice)
            if step.picture is not None:
                save_picture(job, step)
            if step.stage == "load":  # done and told already, because Started names the device
                continue
            preview = previews.offer(step.geometry)
            yield report.step(step.stage, step.index, step.of, preview=preview, engine_step=step)


def save_picture(job: JobFolder, step: "Step") -> None:
    """Write what the model sees of an image."""
    from .pictures import save_png

    save_png(job.seen_image, step.picture)


def exported(job: JobFolder, result: "Result", report: Report) -> Generator[Stepped, None, dict[str, str]]:
    """Write the result's files one by one; returns their names."""
    from .export import writers

    todo = writers(job, result)
    for index, (path, write) in enumerate(todo.values(), start=1):
        write(path)
        yield report.step("export", index, len(todo))
    recording = {"rrd": job.rrd.name} if job.rrd.exists() else {}
    return {name: path.name for name, (path, _) in todo.items()} | recording


def started(model: "LoadedModel") -> Started:
    """What the work will be done with."""
    from ..engine.device import device_name

    return Started(
        pid=os.getpid(),
        host=platform.node(),
        device=str(model.device),
        device_name=device_name(model.device),
        engine_version=ENGINE_VERSION,
        torch_version=version("torch"),
        weights_sha256=model.sha256,
    )


def recipe(request: Request, job: JobFolder) -> "Recipe":
    """The part of a request that the engine needs."""
    from ..engine.generate import Recipe

    return Recipe(
        prompt=request.prompt,
        model=request.model,
        seed=request.seed,
        steps=request.steps,
        guidance=request.guidance,
        grid=request.grid,
        outputs=request.outputs,
        device=request.device,
        solver="heun" if request.quality == "exact" else "dpm++2m",
        image=job.input_file(request.image),
        latent=job.input_file(request.latent),
        views=request.views,
        view_mode=request.view_mode,
        view_size=request.view_size,
    )


def finished(result: "Result", files: dict[str, str], elapsed_s: float) -> Finished:
    """What was made, in numbers."""
    mesh, cloud = result.mesh, result.cloud
    return Finished(
        elapsed_s=elapsed_s,
        files=files,
        vertices=len(mesh.vertices) if mesh else 0,
        faces=len(mesh.faces) if mesh else 0,
        points=len(cloud.points) if cloud else 0,
    )
