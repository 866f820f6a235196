# SPDX-License-Identifier: GPL-3.0-or-later
"""Icons of the thumbnails. Their pixels are set here, so that no copy gets into the desktop's thumbnail cache.

A thumbnail is an untrusted file: one that is large or damaged keeps the placeholder.
"""

from collections.abc import Iterable, Iterator
from typing import Any

import bpy

from ...client.results.entry import FileVersion, ResultEntry, file_version

MAX_ICONS = 240
MAX_FILE_BYTES = 1_300_000
"""An image of the largest accepted size without compression."""
PLACEHOLDER = "IMAGE_DATA"

Key = tuple[str, FileVersion]

_collection: Any = None
_unreadable: set[Key] = set()


def icon(entry: ResultEntry) -> int:
    """Return the icon ID of a result's thumbnail, or of the placeholder until it is loaded. Reads no files."""
    preview = _collection.get(name_of(entry)) if _collection is not None else None
    return (int(preview.icon_id) if preview else 0) or placeholder()


def placeholder() -> int:
    """Return the icon ID of the placeholder."""
    layout: Any = bpy.types.UILayout
    return int(layout.bl_rna.functions["prop"].parameters["icon"].enum_items[PLACEHOLDER].value)


def name_of(entry: ResultEntry) -> str:
    """Return the name of the thumbnail's present content in the collection."""
    return f"{entry.job_id}|{entry.thumbnail}"


def is_missing(entry: ResultEntry) -> bool:
    """True if the thumbnail should be loaded."""
    if entry.thumbnail is None or (entry.job_id, entry.thumbnail) in _unreadable:
        return False
    return _collection is None or name_of(entry) not in _collection


def load_icons(entries: Iterable[ResultEntry]) -> Iterator[None]:
    """Load the thumbnails that are not loaded yet, in steps of at most a few milliseconds."""
    for entry in entries:
        if is_missing(entry):
            yield from load_icon(entry)


def load_icon(entry: ResultEntry) -> Iterator[None]:
    """Load one thumbnail. A file that was replaced in the meantime is left to the next time."""
    from ...geometry.png import decode_png_steps

    try:
        content = read_thumbnail(entry)
        pixels = yield from decode_png_steps(content)
    except (OSError, ValueError):
        if entry.thumbnail is not None:
            _unreadable.add((entry.job_id, entry.thumbnail))
        return
    add_icon(name_of(entry), pixels)
    yield


def read_thumbnail(entry: ResultEntry) -> bytes:
    """Return the content of thumbnail.png.

    Raises:
        OSError: It cannot be read.
        ValueError: It is too large, or another file than when the entry was read.
    """
    path = entry.folder.thumbnail
    if entry.thumbnail is None or entry.thumbnail.size > MAX_FILE_BYTES or file_version(path) != entry.thumbnail:
        raise ValueError(f"{path} is too large, or has been replaced")
    with path.open("rb") as file:
        return file.read(MAX_FILE_BYTES)


def add_icon(name: str, pixels: Any) -> None:
    """Add an image, `(H, W, 4) uint8`, to the collection. A full collection is cleared first."""
    from ...scene.image_preview import set_pixels

    global _collection
    if _collection is not None and len(_collection) >= MAX_ICONS:
        clear()
    if _collection is None:
        import bpy.utils.previews

        _collection = bpy.utils.previews.new()
    if name not in _collection:
        set_pixels(_collection.new(name), pixels)


def clear() -> None:
    """Free all icons."""
    global _collection
    if _collection is not None:
        bpy.utils.previews.remove(_collection)
    _collection = None
    _unreadable.clear()
