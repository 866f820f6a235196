# SPDX-License-Identifier: GPL-3.0-or-later
"""A finished job → files under a name of their own, in the formats that a batch was asked for."""

import errno
import os
import shutil
import stat
from collections.abc import Iterable
from pathlib import Path

from blender_text3d.protocol.job_folder import JobFolder

FORMATS = ("blend", "glb", "ply")
# What a result has no file for.
LACKING = {"mesh": (), "both": (), "cloud": ("glb",)}


def write_formats(job: JobFolder, stem: Path, formats: Iterable[str]) -> dict[str, str]:
    """Write the job's object as stem.FORMAT for each; gives format → file name. A result "both" has two .ply.

    Raises:
        OSError: A file cannot be written.
        ValueError, InvalidJob, RuntimeError: The object could not be brought into Blender or saved from it.
    """
    files = {}
    for name in formats:
        path = Path(f"{stem}.{name}")
        save_blend(job, path) if name == "blend" else copy_exported(job, path)
        files[name] = path.name
    return files


def copy_exported(job: JobFolder, path: Path) -> None:
    """Copy the file that the worker exported in this format; nobody ever sees half of it.

    Raises:
        OSError: It cannot be copied. InvalidJob: What lies there is a link, which may lead out of the job folder.
    """
    exported = {".glb": (job.glb,), ".ply": (job.mesh_ply, job.cloud_ply)}[path.suffix]
    there = [job.own_file(source.name) for source in exported if os.path.lexists(source)]
    copy_whole(there[0], path)
    for source in there[1:]:
        copy_whole(source, path.with_suffix(f".cloud{path.suffix}"))


def copy_whole(source: Path, path: Path) -> None:
    """Copy beside the goal, then put it there.

    Raises:
        OSError: It cannot be copied, or is no plain file: to read a pipe may never end.
    """
    if not stat.S_ISREG(source.lstat().st_mode):
        raise OSError(errno.EINVAL, "not a plain file", str(source))
    part = path.with_name(path.name + ".part")
    make_way(part)
    with source.open("rb") as file, part.open("xb") as copy:
        shutil.copyfileobj(file, copy)
    os.replace(part, path)


def make_way(part: Path) -> None:
    """Remove an unfinished file of an earlier run, or a link by this name, which may lead to somebody's file.

    Raises:
        OSError: It stays.
    """
    part.unlink(missing_ok=True)


def save_blend(job: JobFolder, path: Path) -> None:
    """Save a Blender file that holds the object and nothing else, as the add-on would have brought it in."""
    import bpy

    from blender_text3d.addon.jobs.import_result import import_job
    from blender_text3d.addon.state.session_state import ImportTarget

    bpy.ops.wm.read_homefile(app_template="", use_empty=True)
    import_job(job, ImportTarget(scene_name=bpy.context.scene.name, location=(0.0, 0.0, 0.0)))
    part = path.with_name("." + path.name)
    for name in (part.name, f"{part.name}@"):  # Blender writes to the latter first
        make_way(part.with_name(name))
    bpy.ops.wm.save_as_mainfile(filepath=str(part.absolute()), check_existing=False, compress=True, copy=True)
    os.replace(part, path)
