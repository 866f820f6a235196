# SPDX-License-Identifier: GPL-3.0-or-later
"""Files of a finished job in a folder of the user, named after prompt and seed, or in the job folder."""

import shutil
from collections.abc import Sequence
from pathlib import Path

from blender_text3d.exports.formats import targets_of
from blender_text3d.protocol.create_job import slug
from blender_text3d.protocol.errors import InvalidJob
from blender_text3d.protocol.events import Finished
from blender_text3d.protocol.exported_files import PARTS
from blender_text3d.protocol.job_folder import MAX_REQUEST_BYTES, JobFolder
from blender_text3d.protocol.request import Request
from blender_text3d.system.untrusted_files import read_json
from scripts.cli.batch_outputs import VIEW_NAMES, copy_atomically
from scripts.cli.exporter import Exporter, ExportError

# Name in Finished.files → suffix of the copy.
ENDINGS = {
    "mesh": ".npz",
    "cloud": ".cloud.npz",
    "latent": ".latent.npz",
    "steps": ".steps.npz",
    "rrd": ".rrd",
    "views": ".views.npz",
    "view_images": ".views",
    **{name: f".{name}.png" for name in VIEW_NAMES},
}
DEFAULT_FORMATS = ("glb", "ply")
"""Formats of files that are saved to another folder. A job folder gets the one that most programs open."""
DEFAULT_FORMATS_IN_JOB = {"mesh": ("glb",), "cloud": ("ply",)}
MAX_VIEW_FILES = 400


class SaveError(Exception):
    """A result could not be saved; the message is one sentence with its current folder."""


def save_result(
    job: JobFolder, last: Finished, out: Path | None, exporter: Exporter, formats: Sequence[str] | None = None
) -> dict[str, Path]:
    """Export a result, and copy all other files of the job and its recipe; returns the paths by kind.

    Args:
        job: The job folder.
        last: The job's last event.
        out: The folder for the files, or None to leave them in the job folder.
        exporter: Writer of the formats.
        formats: Formats to export; None for the default ones.

    Raises:
        SaveError: A file cannot be written.
        InvalidJob: The job lists a file outside its own folder.
    """
    made = {name: job.own_file(file) for name, file in last.files.items()}
    made = {name: path for name, path in made.items() if path.exists()}  # compact removes some
    where = job.path if out is None else out
    try:
        if out is None:
            return made | _exports_in_job(job, made, exporter, formats) | {"recipe": job.request}
        out.mkdir(parents=True, exist_ok=True)
        return _copies(job, made, out, exporter, DEFAULT_FORMATS if formats is None else formats)
    except (OSError, ExportError, InvalidJob) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        why = f"The files cannot be written to {where} ({reason}). The job is in {job.path}."
        raise SaveError(why) from error


def _exports_in_job(
    job: JobFolder, made: dict[str, Path], exporter: Exporter, formats: Sequence[str] | None
) -> dict[str, Path]:
    stems = {part: str(job.path / part) for part in PARTS}
    wanted = DEFAULT_FORMATS_IN_JOB if formats is None else dict.fromkeys(stems, formats)
    targets = [target for part in stems for target in targets_of(made.keys() & {part}, wanted[part], stems)]
    exporter.write(job, targets)
    return {target.kind: target.path for target in targets}


def _copies(
    job: JobFolder, made: dict[str, Path], out: Path, exporter: Exporter, formats: Sequence[str]
) -> dict[str, Path]:
    stem = free_stem(out, job)
    wanted = {name: ENDINGS[name] for name in made if name in ENDINGS} | {"recipe": ".json"}
    copies = {name: out / f"{stem}{ending}" for name, ending in wanted.items()}
    for name, path in copies.items():
        source = made.get(name, job.request)
        copy_views(source, path) if name == "view_images" else copy_atomically(source, path)
    targets = targets_of(made, formats, {"mesh": str(out / stem), "cloud": str(out / f"{stem}.cloud")})
    exporter.write(job, targets)
    return copies | {target.kind: target.path for target in targets}


def copy_views(source: Path, target: Path) -> None:
    """Copy the images of a job's views and their cameras to a folder.

    Raises:
        OSError: A file cannot be copied, or is not a regular file.
    """
    names = sorted(path.name for path in source.iterdir() if path.suffix in {".png", ".json"})[:MAX_VIEW_FILES]
    if target.is_dir() and not target.is_symlink():
        shutil.rmtree(target)  # of an earlier run with more views
    target.mkdir()
    for name in names:
        copy_atomically(source / name, target / name)


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
