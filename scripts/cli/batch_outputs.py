# SPDX-License-Identifier: GPL-3.0-or-later
"""Exports of a finished job in the formats of a batch."""

import errno
import os
import shutil
import stat
from collections.abc import Iterable, Sequence
from pathlib import Path

from blender_text3d.exports.formats import targets_of
from blender_text3d.protocol.events import Finished
from blender_text3d.protocol.exported_files import EXPORT_FORMATS, PARTS
from blender_text3d.protocol.job_folder import JobFolder
from blender_text3d.protocol.models import VIEW, VIEW_COUNTS
from blender_text3d.protocol.request import Request
from scripts.cli import format_flags
from scripts.cli.exporter import Exporter

FORMATS = ("blend", *EXPORT_FORMATS)
VIEW_NAMES = ("view", *(f"view_{index}" for index in range(max(VIEW_COUNTS))))
"""Pictures of a three-step model among the files of a job: the chosen view and its candidates."""


def batch_formats(text: str) -> tuple[str, ...]:
    """Parse comma-separated formats, without repeats."""
    return format_flags.formats(text, FORMATS)


def formats_of(request: Request, formats: Sequence[str]) -> tuple[str, ...]:
    """Return what a batch writes of a request: the formats of objects, or the pictures if only views are wanted."""
    if request.outputs != VIEW:
        return tuple(formats)
    return VIEW_NAMES[: 1 + request.candidates]


def write_formats(
    job: JobFolder, stem: Path, formats: Iterable[str], exporter: Exporter, catalog_id: str = ""
) -> dict[str, str]:
    """Write stem.FORMAT for each format; returns file names by format.

    A result "both" has a .cloud. file, too, and that of a three-step model its .view.png.

    Args:
        job: The finished job.
        stem: Path of the files without suffix.
        formats: Names of the formats, or of VIEW_NAMES.
        exporter: Writer of all formats but .blend.
        catalog_id: UUID of the catalog of the assets in .blend, or "" to mark none.

    Raises:
        OSError, ExportError: A file cannot be written.
        ValueError, InvalidJob, RuntimeError: The object could not be imported into Blender or saved.
    """
    wanted, last = tuple(formats), job.last_event()
    made = last.files if isinstance(last, Finished) else {}
    parts = [part for part in PARTS if part in made]
    cloud_stem = f"{stem}.cloud" if "mesh" in parts else str(stem)
    exported = [name for name in wanted if name in EXPORT_FORMATS]
    exporter.write(job, targets_of(parts, exported, {"mesh": str(stem), "cloud": cloud_stem}))
    for name in {*wanted, VIEW} & made.keys() & {*VIEW_NAMES}:
        copy_atomically(job.own_file(made[name]), Path(f"{stem}.{name}.png"))
    if "blend" in wanted:
        save_blend(job, Path(f"{stem}.blend"), catalog_id)
    return {name: f"{stem.name}.{name}{'.png' if name in VIEW_NAMES else ''}" for name in wanted}


def copy_atomically(source: Path, path: Path) -> None:
    """Copy to a temporary file next to the target, then rename it.

    Raises:
        OSError: The file cannot be copied, or is not a regular file: reading a pipe may never end.
    """
    if not stat.S_ISREG(source.lstat().st_mode):
        raise OSError(errno.EINVAL, "not a regular file", str(source))
    part = path.with_name(path.name + ".part")
    remove_leftover(part)
    with source.open("rb") as file, part.open("xb") as copy:
        shutil.copyfileobj(file, copy)
    os.replace(part, path)


def remove_leftover(part: Path) -> None:
    """Remove an unfinished file of an earlier run, or a link of that name, which may point to another file.

    Raises:
        OSError: The file cannot be removed.
    """
    part.unlink(missing_ok=True)


def save_blend(job: JobFolder, path: Path, catalog_id: str = "") -> None:
    """Save a Blender file with only the object in it, as the add-on imports it, marked as an asset if asked."""
    import bpy

    from blender_text3d.addon.jobs.import_result import import_job
    from blender_text3d.addon.state.active_job import ImportTarget

    bpy.ops.wm.read_homefile(app_template="", use_empty=True)
    made = import_job(job, ImportTarget(scene_name=bpy.context.scene.name, location=(0.0, 0.0, 0.0)))
    if catalog_id:
        from scripts.cli.blend_assets import mark_as_assets

        mark_as_assets(made, job, catalog_id)
    part = path.with_name("." + path.name)
    for name in (part.name, f"{part.name}@"):  # Blender writes to the latter first
        remove_leftover(part.with_name(name))
    bpy.ops.wm.save_as_mainfile(filepath=str(part.absolute()), check_existing=False, compress=True, copy=True)
    os.replace(part, path)
