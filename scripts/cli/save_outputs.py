# SPDX-License-Identifier: GPL-3.0-or-later
"""Copies of a finished job's files in a folder of the user, named after prompt and seed."""

from pathlib import Path

from blender_text3d.protocol.create_job import slug
from blender_text3d.protocol.events import Finished
from blender_text3d.protocol.job_folder import MAX_REQUEST_BYTES, JobFolder
from blender_text3d.protocol.request import Request
from blender_text3d.system.untrusted_files import read_json
from scripts.cli.batch_outputs import copy_atomically

# Name in Finished.files → suffix of the copy.
ENDINGS = {"mesh": ".npz", "glb": ".glb", "ply": ".ply", "cloud": ".cloud.npz", "cloud_ply": ".cloud.ply"}


class SaveError(Exception):
    """A result could not be copied; the message is one sentence with its current folder."""


def save_result(job: JobFolder, last: Finished, out: Path | None) -> dict[str, Path]:
    """Copy the geometry and its recipe to a folder, or leave them in the job folder; returns the paths.

    Raises:
        SaveError: The folder cannot be written.
        InvalidJob: The job lists a file outside its own folder.
    """
    made = {name: job.own_file(file) for name, file in last.files.items()}
    if out is None:
        return made | {"recipe": job.request}
    try:
        return copy_files(made, job, out)
    except OSError as error:
        why = f"The files cannot be copied to {out} ({error.strerror}). They are in {job.path}."
        raise SaveError(why) from error


def copy_files(made: dict[str, Path], job: JobFolder, out: Path) -> dict[str, Path]:
    """Copy the exported files and the recipe; returns the paths."""
    out.mkdir(parents=True, exist_ok=True)
    stem = free_stem(out, job)
    wanted = {name: ENDINGS[name] for name in made if name in ENDINGS} | {"recipe": ".json"}
    copies = {name: out / f"{stem}{ending}" for name, ending in wanted.items()}
    for name, path in copies.items():
        copy_atomically(made.get(name, job.request), path)
    return copies


def free_stem(out: Path, job: JobFolder) -> str:
    """Return prompt and seed as a file name, or the job ID if another recipe has that name."""
    request = job.read_request()
    stem = f"{slug(request.prompt)}-{request.seed}"
    return stem if is_free(out / f"{stem}.json", request) else job.job_id


def is_free(recipe: Path, request: Request) -> bool:
    """True if the file does not exist or is an earlier copy of the same recipe."""
    try:
        return Request.from_values(read_json(recipe, MAX_REQUEST_BYTES)["request"]) == request
    except FileNotFoundError:
        return True
    except (OSError, ValueError, KeyError, TypeError):
        return False
