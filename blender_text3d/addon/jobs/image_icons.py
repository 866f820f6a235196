# SPDX-License-Identifier: GPL-3.0-or-later
"""Icons of images in the panel: the chosen one, and what the model sees of it.

Their pixels are set here. Blender's own loader reads the desktop's thumbnail cache, which keeps a copy of the user's
image, and shows the older one of two that were written within a second.
"""

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

MAX_ICONS = 64
MAX_PIXELS = 64_000_000
ICON_SIDE = 256

_collection: Any = None
_job_keys: dict[str, str] = {}
_waiting: dict[str, str] = {}
_unreadable: set[str] = set()


def file_icon(path: str) -> int:
    """Return the icon ID of an image file as it is now, or 0 without a file or window. Costs one stat call."""
    key = key_of(path)
    return icon(path, key) if key else 0


def key_of(path: str) -> str:
    """Return a key of an image file's present state, or "" without a file or window, or for one with many pixels."""
    if not path or not has_window() or is_remote_path(path):
        return ""
    try:
        status = Path(path).stat()
    except (OSError, ValueError):
        return ""
    key = f"{path}|{status.st_mtime_ns}|{status.st_size}"
    return key if S_ISREG(status.st_mode) and has_few_pixels(path, key) else ""


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
    """Return the icon ID of the model's input image of a job, or 0. Looks for the file the first time only."""
    path = str(folder.seen_image)
    if path not in _job_keys:
        _job_keys[path] = key_of(path)
    key = _job_keys[path]
    return icon(path, key) if key else 0


def refresh_job_icon(folder: JobFolder) -> None:
    """Look for the model's input image again if there was none."""
    path = str(folder.seen_image)
    if not _job_keys.get(path):
        _job_keys.pop(path, None)
        job_icon(folder)


def icon(path: str, key: str) -> int:
    """Return the icon ID for a key, or 0 until its image is loaded, which starts after the panel is drawn."""
    if _collection is not None and key in _collection:
        return int(_collection[key].icon_id)
    if key not in _unreadable:
        _waiting[key] = path
        schedule(load_waiting)
    return 0


def load_waiting() -> None:
    """Load the images that were missing when the panel was drawn, and draw it again."""
    while _waiting:
        load(*_waiting.popitem())
    redraw.panels()


def load(key: str, path: str) -> None:
    """Load an image as the icon of a key. A full collection is cleared first."""
    from ...scene.capture import read_pixels
    from ...scene.image_preview import set_pixels

    global _collection
    if _collection is not None and len(_collection) >= MAX_ICONS:
        clear()
    if _collection is None:
        import bpy.utils.previews

        _collection = bpy.utils.previews.new()
    try:
        pixels = read_pixels(path, ICON_SIDE)
    except (RuntimeError, ValueError):  # it was replaced or removed in the meantime, or is damaged
        _unreadable.add(key)
    else:
        set_pixels(_collection.new(key), pixels)


def clear() -> None:
    """Free all icons."""
    global _collection
    cancel(load_waiting)
    if _collection is not None:
        bpy.utils.previews.remove(_collection)
    _collection = None
    for kept in (_job_keys, _waiting, _unreadable):
        kept.clear()
