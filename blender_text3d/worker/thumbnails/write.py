# SPDX-License-Identifier: GPL-3.0-or-later
"""Rendered thumbnails → files in job folders. A failure is a line in the log: a job is complete without a thumbnail."""

import os
import secrets
import sys
import traceback
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from ...geometry import Mesh, PointCloud, load_geometry
from ...geometry.png import encode_png
from ...geometry.thumbnail import thumbnail
from ...protocol.job_folder import JobFolder
from ...system.files import replace_with_retry
from ...system.untrusted_files import require_regular_file

MAX_GEOMETRY_BYTES = 200 * 2**20
"""A mesh of five million faces. Larger files are not worth the memory for a thumbnail."""


def add_thumbnail(folder: JobFolder, geometry: Mesh | PointCloud | None) -> None:
    """Render the object of a job that has ended, if it has one."""
    if geometry is None:
        return
    try:
        write_thumbnail(folder.thumbnail, geometry)
    except Exception:
        with suppress(OSError):  # the log is on the same full disk
            traceback.print_exc()


def add_missing_thumbnails(folders: Iterable[JobFolder]) -> None:
    """Render the objects of finished jobs that have no thumbnail yet, as those of earlier versions."""
    for folder in folders:
        try:
            if not os.path.lexists(folder.thumbnail) and not folder.path.is_symlink():
                write_thumbnail(folder.thumbnail, stored_geometry(folder))
        except Exception as error:
            with suppress(OSError):
                sys.stderr.write(f"Job {folder.job_id} gets no thumbnail: {error}\n")


def stored_geometry(folder: JobFolder) -> Mesh | PointCloud:
    """Return the mesh of a job, or its point cloud if it has no mesh.

    Raises:
        InvalidJob: The file is a symbolic link, which may lead out of the folder.
        OSError: The job has neither, or the file cannot be read.
        ValueError: The file is too large, or contains no geometry.
    """
    names = (folder.mesh.name, folder.cloud.name)
    path = next((folder.own_file(name) for name in names if os.path.lexists(folder.path / name)), folder.mesh)
    require_regular_file(path, MAX_GEOMETRY_BYTES)
    return load_geometry(path)


def write_thumbnail(path: Path, geometry: Mesh | PointCloud) -> None:
    """Write the PNG file of an object, atomically.

    The temporary file is created exclusively under a random name, since two workers may write the same thumbnail, and
    an untrusted folder may hold a link of any known name.

    Raises:
        OSError: The file cannot be written.
    """
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    content = encode_png(thumbnail(geometry))
    try:
        with draft.open("xb") as file:
            file.write(content)
        replace_with_retry(draft, path)
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
