# SPDX-License-Identifier: GPL-3.0-or-later
"""Compaction of a finished job: nothing is lost that cannot be written again."""

from collections.abc import Generator
from contextlib import suppress

from ...protocol.events import Finished
from ...protocol.exported_files import EXPORTED_FILES
from ...protocol.job_folder import JobFolder
from ...system.deflate_npz import deflate_npz_steps
from ...system.run_steps import run_steps
from .delete import require_deletable, size_bytes

GEOMETRY = ("mesh.npz", "cloud.npz")
CACHES = ("preview.npz", "step_meshes.npz")


def compact_steps(folder: JobFolder, *, with_recording: bool = True) -> Generator[None, None, int]:
    """Compress the geometry of a finished job, and delete its previews and exported files; in small steps.

    The geometry stays equal to the last bit. A job that did not finish is left as it is.

    Args:
        folder: The job folder, which is untrusted.
        with_recording: False to delete the recording, too, which cannot be written again.

    Returns:
        The number of bytes that were freed.

    Raises:
        InvalidJob: It is not a job folder that has ended.
    """
    require_deletable(folder)
    last = folder.last_event()
    if not isinstance(last, Finished):
        return 0
    before = size_bytes(folder)
    yield
    names = [name for name in GEOMETRY if (folder.path / name).is_file()]
    for name in names:
        with suppress(OSError, ValueError):  # a link, or damaged: left as it is
            yield from deflate_npz_steps(folder.path / name)
    removed = [*CACHES, *EXPORTED_FILES] if names else []
    for name in [*removed, *([] if with_recording else [folder.rrd.name])]:
        with suppress(OSError):
            (folder.path / name).unlink()
        yield
    return max(before - size_bytes(folder), 0)


def compact(folder: JobFolder, *, with_recording: bool = True) -> int:
    """Compact a job at once, as `compact_steps` does; returns the number of bytes that were freed."""
    return run_steps(compact_steps(folder, with_recording=with_recording))
