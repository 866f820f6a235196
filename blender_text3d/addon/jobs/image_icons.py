# SPDX-License-Identifier: GPL-3.0-or-later
"""Icons of images in the panel: the chosen one, what the model sees of it, and the thumbnails of jobs.

Their pixels are set here. Blender's own loader reads the desktop's thumbnail cache, which keeps a copy of the user's
image, and shows the older one of two that were written within a second.
"""

import time
from functools import lru_cache
from pathlib import Path
from stat import S_ISREG
from typing import Any

import bpy

from ...protocol.job_folder import JobFolder
from .. import redraw
from ..one_shot_timer import cancel, schedule
from ..settings.remote_paths import is_remote_path
from ..state.image_size import pixel_count
from ..state.jobs_folder import SHARE_OF_TICK_S

MAX_ICONS = 64
MAX_PIXELS = 64_000_000
MAX_JOB_PIXELS = 1_048_576
"""Many times what a worker writes; another machine or program may have written a job's images."""
ICON_SIDE = 256

_collection: Any = None
_job_keys: dict[str, str] = {}
_unsearched: set[JobFolder] = set()
_waiting: dict[str, str] = {}
_unreadable: set[str] = set()


def file_icon(path: str) -> int:
    """Return the icon ID of an image file as it is now, or 0 without a file or window. Costs one stat call."""
    key = key_of(path)
    return icon(path, key) if key else 0


def key_of(path: str, max_pixels: int = MAX_PIXELS, *, follow_links: bool = True) -> str:
    """Return a key of an image file's present state, or "" without a file or window, or for one with many pixels."""
    if not path or not has_window() or is_remote_path(path):
        return ""
    try:
        status = Path(path).stat(follow_symlinks=follow_links)
    except (OSError, ValueError):
        return ""
    key = f"{path}|{status.st_mtime_ns}|{status.st_size}"
    return key if S_ISREG(status.st_mode) and has_few_pixels(path, key, max_pixels) else ""


@lru_cache(MAX_ICONS)
def has_few_pixels(path: str, key: str, max_pixels: int) -> bool:
    """True if the image is small enough to load. The key includes the file's time and size."""
    try:
        return 0 < pixel_count(Path(path)) <= max_pixels
    except OSError:
        return False


def has_window() -> bool:
    """True if Blender has a window."""
    return not bpy.app.background


def job_icon(folder: JobFolder) -> int:
    """Return the icon ID of the model's input image of a job, or 0. Reads no files; they are looked for afterwards."""
    return found_icon(folder, folder.seen_image)


def row_icon(folder: JobFolder) -> int:
    """Return the icon ID of a job's thumbnail, else that of the model's input image, or 0. Reads no files."""
    return found_icon(folder, folder.thumbnail) or found_icon(folder, folder.seen_image)


def found_icon(folder: JobFolder, image: Path) -> int:
    """Return the icon ID of an image of a job, or 0; a job that is drawn first has its images looked for."""
    key = _job_keys.get(str(image))
    if key is None:
        _unsearched.add(folder)
        schedule(load_waiting)
    return icon(str(image), key) if key else 0


def refresh_job_icon(folder: JobFolder) -> None:
    """Look for those images of a job that were not found before. Reads files, so it is not for drawing code."""
    for path in (str(folder.seen_image), str(folder.thumbnail)):
        if not _job_keys.get(path):
            key = _job_keys[path] = key_of(path, MAX_JOB_PIXELS, follow_links=False)
            if key:
                icon(path, key)


def icon(path: str, key: str) -> int:
    """Return the icon ID for a key, or 0 until its image is loaded, which starts after the panel is drawn."""
    if _collection is not None and key in _collection:
        return int(_collection[key].icon_id)
    if key not in _unreadable:
        _waiting[key] = path
        schedule(load_waiting)
    return 0


def load_waiting() -> float | None:
    """Find and load the images that were missing when the panel was drawn, and draw it again.

    It takes a few milliseconds, or as long as one image.

    Returns:
        The time until the next call in seconds, or None if all are loaded.
    """
    until_s = time.perf_counter() + SHARE_OF_TICK_S
    while (_unsearched or _waiting) and time.perf_counter() < until_s:
        if _unsearched:
            refresh_job_icon(_unsearched.pop())
        else:
            load(*_waiting.popitem())
    redraw.panels()
    return 0.0 if _unsearched or _waiting else None


def load(key: str, path: str) -> None:
    """Load an image as the icon of a key. A full collection is cleared first."""
    from ...scene.image_pixels import read_pixels
    from ...scene.image_preview import set_pixels

    global _collection
    if _collection is not None and len(_collection) >= MAX_ICONS:
        free()
    if _collection is None:
        import bpy.utils.previews

        _collection = bpy.utils.previews.new()
    try:
        pixels = read_pixels(path, ICON_SIDE)
    except (RuntimeError, ValueError):  # it was replaced or removed in the meantime, or is damaged
        _unreadable.add(key)
    else:
        set_pixels(_collection.new(key), pixels)


def free() -> None:
    """Free all icons; those that are still drawn are loaded again."""
    global _collection
    if _collection is not None:
        bpy.utils.previews.remove(_collection)
    _collection = None
    _unreadable.clear()


def clear() -> None:
    """Free all icons, and forget the images of jobs."""
    cancel(load_waiting)
    free()
    for kept in (_job_keys, _unsearched, _waiting):
        kept.clear()
