# SPDX-License-Identifier: GPL-3.0-or-later
"""Icons of images in the panel: the chosen one, and what the model sees of it. Blender loads them when it draws."""

from functools import lru_cache
from pathlib import Path
from stat import S_ISREG
from typing import Any

import bpy

from ...protocol.job_folder import JobFolder
from ..settings.remote_paths import is_remote_path
from ..state.image_size import pixel_count

MAX_ICONS = 64
MAX_PIXELS = 64_000_000

_collection: Any = None
_job_icons: dict[str, int] = {}


def file_icon(path: str) -> int:
    """Return the icon ID of an image file as it is now, or 0 without a file or window. Costs one stat call."""
    if not path or not has_window() or is_remote_path(path):
        return 0
    try:
        status = Path(path).stat()
    except (OSError, ValueError):
        return 0
    key = f"{path}|{status.st_mtime_ns}|{status.st_size}"
    return icon(path, key) if S_ISREG(status.st_mode) and has_few_pixels(path, key) else 0


@lru_cache(MAX_ICONS)
def has_few_pixels(path: str, key: str) -> bool:
    """True if the image is small enough to load. The key includes the file's time and size."""
    try:
        return 0 < pixel_count(Path(path)) <= MAX_PIXELS
    except OSError:
        return False


def has_window() -> bool:
    """True if Blender has a window."""
    return not bpy.app.background


def job_icon(folder: JobFolder) -> int:
    """Return the icon ID of the model's input image of a job, or 0. Reads the disk the first time only."""
    name = folder.job_id
    if name not in _job_icons:
        _job_icons[name] = file_icon(str(folder.seen_image))
    return _job_icons[name]


def refresh_job_icon(folder: JobFolder) -> None:
    """Look for the model's input image again if there was none."""
    if not _job_icons.get(folder.job_id):
        _job_icons.pop(folder.job_id, None)
        job_icon(folder)


def icon(path: str, key: str) -> int:
    """Return the icon ID for a key, which is loaded if it is missing. A full collection is cleared first."""
    global _collection
    if _collection is None:
        import bpy.utils.previews

        _collection = bpy.utils.previews.new()
    if key not in _collection:
        if len(_collection) >= MAX_ICONS:
            clear()
            return icon(path, key)
        _collection.load(key, path, "IMAGE")
    return _collection[key].icon_id


def clear() -> None:
    """Free all icons."""
    global _collection
    if _collection is not None:
        bpy.utils.previews.remove(_collection)
    _collection = None
    _job_icons.clear()
