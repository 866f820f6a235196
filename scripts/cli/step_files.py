# SPDX-License-Identifier: GPL-3.0-or-later
"""--steps-out: the object after each denoising step as GLB files; Shap-E's steps are decoded by jobs of their own."""

import argparse
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from blender_text3d.client.results.delete import delete_result
from blender_text3d.client.session import News, Session
from blender_text3d.exports.formats import ExportTarget
from blender_text3d.protocol.create_job import slug
from blender_text3d.protocol.errors import BadRequest, InvalidJob
from blender_text3d.protocol.events import Finished
from blender_text3d.protocol.job_folder import JobFolder
from blender_text3d.protocol.models import MODELS, STEPS, family
from blender_text3d.protocol.request import Request
from blender_text3d.protocol.step_request import decoding_request
from scripts.cli.exporter import Exporter, ExportError
from scripts.cli.save_outputs import SaveError

FORMAT = "glb"


def add_steps_out(parser: argparse.ArgumentParser) -> None:
    """Add the flag."""
    parser.add_argument("--steps-out", type=Path, help="save the object of each denoising step to this folder, as GLB")


def with_kept_steps(request: Request) -> Request:
    """Return a request whose job keeps its steps, or decodes those of its latent if that is all it is for.

    Raises:
        BadRequest: The model has no steps.
    """
    model = MODELS[request.model]
    if not model.has_steps:
        raise BadRequest(f"{model.label} does not show its steps. Leave out --steps-out, or choose another model.")
    if request.latent and not request.step:
        return replace(request, outputs=STEPS)
    return replace(request, keep_steps="always")


def decoding_requests(ends: Sequence[News]) -> dict[JobFolder, Request | None]:
    """Return the requests that decode the steps of finished jobs, by job; None where its steps are clouds already.

    Raises:
        InvalidJob: The request of a job cannot be read any more.
    """
    requests: dict[JobFolder, Request | None] = {}
    for job, last in ends:
        if isinstance(last, Finished) and "steps" in last.files:
            own = job.read_request()
            requests[job] = decoding_request(own, job.steps) if family(own.model) == "Shap-E" else None
    return requests


def submit_decoding(ends: Sequence[News], session: Session) -> list[JobFolder]:
    """Queue the jobs that decode the steps of finished ones; return those that are done without.

    Raises:
        InvalidJob, BadRequest: A job cannot be read or queued.
    """
    requests = decoding_requests(ends)
    session.submit([request for request in requests.values() if request is not None])
    return [job for job, request in requests.items() if request is None]


def save_steps(job: JobFolder, last: Finished, out: Path, exporter: Exporter) -> dict[str, Path]:
    """Write the steps of a job to a folder of its own in `out`; returns it by its kind.

    Raises:
        SaveError: A file cannot be written.
    """
    request = job.read_request()
    part = "step_meshes" if request.outputs == STEPS else "steps"
    name = f"{slug(request.prompt)}-{request.seed}"
    folder = out / (name if not (out / name).exists() else job.job_id)
    try:
        exporter.write(job, [ExportTarget(part, FORMAT, folder)])
    except (ExportError, InvalidJob, OSError) as error:
        raise SaveError(f"The steps cannot be written to {folder} ({error}). The job is in {job.path}.") from error
    return {"steps_out": folder}


def discard_decoded(jobs: Iterable[JobFolder]) -> None:
    """Delete the jobs that decoded steps, whose files are exported now."""
    for job in jobs:
        with suppress(InvalidJob):
            if job.read_request().outputs == STEPS:
                delete_result(job)
