# SPDX-License-Identifier: GPL-3.0-or-later
"""A finished job → files under a name of their own, in the formats that a batch was asked for."""

import os
import shutil
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
        ValueError, BrokenJob, RuntimeError: The object could not be brought into Blender or saved from it.
    """
    files = {}
    for name in formats:
        path = Path(f"{stem}.{name}")
        save_blend(job, path) if name == "blend" else copy_exported(job, path)
        files[name] = path.name
    return files


def copy_exported(job: JobFolder, path: Path) -> None:
    """Copy the file that the worker exported in this format; nobody ever sees half of it."""
    exported = {".glb": (job.glb,), ".ply": (job.mesh_ply, job.cloud_ply)}[path.suffix]
    there = [source for source in exported if source.exists()]
    copy_whole(there[0], path)
    for source in there[1:]:
        copy_whole(source, path.with_suffix(f".cloud{path.suffix}"))


def copy_whole(source: Path, path: Path) -> None:
    """Copy beside the goal, then put it there."""
    part = path.with_name(path.name + ".part")
    shutil.copyfile(source, part)
    os.replace(part, path)


def save_blend(job: JobFolder, path: Path) -> None:
    """Save a Blender file that holds the object and nothing else, as the add-on would have brought it in."""
    import bpy

    from blender_text3d.addon.live import Target
    from blender_text3d.addon.results import import_job

    bpy.ops.wm.read_homefile(app_template="", use_empty=True)
    import_job(job, Target(scene_name=bpy.context.scene.name, location=(0.0, 0.0, 0.0)))
    part = path.with_name("." + path.name)
    bpy.ops.wm.save_as_mainfile(filepath=str(part.absolute()), check_existing=False, compress=True, copy=True)
    os.replace(part, path)
