# SPDX-License-Identifier: GPL-3.0-or-later
"""A finished job's files → a folder of the user's, named after prompt and seed."""

from pathlib import Path

from blender_text3d.protocol.create_job import slug
from blender_text3d.protocol.events import Finished
from blender_text3d.protocol.job_folder import MAX_REQUEST_BYTES, JobFolder
from blender_text3d.protocol.request import Request
from blender_text3d.system.untrusted_files import read_json
from scripts.cli.batch_outputs import copy_whole

# Name in Finished.files → what the copy ends in.
ENDINGS = {"mesh": ".npz", "glb": ".glb", "ply": ".ply", "cloud": ".cloud.npz", "cloud_ply": ".cloud.ply"}


class CannotSave(Exception):
    """A result could not be copied; the message is one sentence and says where it is."""


def save_result(job: JobFolder, last: Finished, out: Path | None) -> dict[str, Path]:
    """Copy the geometry and its recipe to a folder, or leave them in the job's; gives where each file is.

    Raises:
        CannotSave: The folder cannot be written. InvalidJob: The job says that it made a file of somebody else's.
    """
    made = {name: job.own_file(file) for name, file in last.files.items()}
    if out is None:
        return made | {"recipe": job.request}
    try:
        return copied(made, job, out)
    except OSError as error:
        why = f"The files cannot be copied to {out} ({error.strerror}). They are in {job.path}."
        raise CannotSave(why) from error


def copied(made: dict[str, Path], job: JobFolder, out: Path) -> dict[str, Path]:
    """Copy what other programs read, and the recipe; gives where each copy is."""
    out.mkdir(parents=True, exist_ok=True)
    stem = free_stem(out, job)
    wanted = {name: ENDINGS[name] for name in made if name in ENDINGS} | {"recipe": ".json"}
    copies = {name: out / f"{stem}{ending}" for name, ending in wanted.items()}
    for name, path in copies.items():
        copy_whole(made.get(name, job.request), path)
    return copies


def free_stem(out: Path, job: JobFolder) -> str:
    """Prompt and seed; the job's own name where another recipe has taken that."""
    request = job.read_request()
    stem = f"{slug(request.prompt)}-{request.seed}"
    return stem if is_free(out / f"{stem}.json", request) else job.job_id


def is_free(recipe: Path, request: Request) -> bool:
    """Whether nothing stands there, or an earlier copy of the same."""
    try:
        return Request.from_values(read_json(recipe, MAX_REQUEST_BYTES)["request"]) == request
    except FileNotFoundError:
        return True
    except (OSError, ValueError, KeyError, TypeError):
        return False
