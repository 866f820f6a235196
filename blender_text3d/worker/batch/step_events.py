# SPDX-License-Identifier: GPL-3.0-or-later
"""The engine's steps of one job → its events, previews, pictures and files."""

from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING

from ...protocol.events import Finished
from ...protocol.job_folder import JobFolder
from .batch_job import BatchJob

if TYPE_CHECKING:
    from ...engine.generate import Result, Step


def handle_step(member: BatchJob, step: "Step") -> Iterator[None]:
    """Tell a step of a job, or write its result; pauses where a cancel can be heeded."""
    if step.result is not None:
        yield from finish(member, step.result)
    else:
        member.attempt(lambda: tell_step(member, step))
        yield


def tell_step(member: BatchJob, step: "Step") -> None:
    """A step as an event, with its preview and picture written."""
    if step.notice:
        member.notice(step.notice)
    if step.picture is not None:
        save_picture(member.job, step)
    if step.stage != "load":  # that is told already, because Started names the device
        preview = member.previews.offer(step.geometry)
        member.tell(step.stage, step.index, step.of, preview=preview, step=step)


def save_picture(job: JobFolder, step: "Step") -> None:
    """Write what the model sees of an image."""
    from ..reporting.image_files import save_png

    save_png(job.seen_image, step.picture)


def finish(member: BatchJob, result: "Result") -> Iterator[None]:
    """Write a job's files and end it."""
    from ...engine.generate import validated

    try:
        result = validated(result, member.recipe)
        files = yield from exported(member, result)
        if not member.has_ended:
            member.end(finished(result, files, member.report.elapsed_s()), result)
    except Exception as error:
        member.fail(error)


def exported(member: BatchJob, result: "Result") -> Generator[None, None, dict[str, str]]:
    """Write the result's files one by one, while it is wanted; returns their names."""
    from ..reporting.export import writers

    todo = writers(member.job, result)
    for index, (path, write) in enumerate(todo.values(), start=1):
        if not member.has_ended:
            write(path)
            member.tell("export", index, len(todo))
            yield
    recording = {"rrd": member.job.rrd.name} if member.job.rrd.exists() else {}
    return {name: path.name for name, (path, _) in todo.items()} | recording


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
