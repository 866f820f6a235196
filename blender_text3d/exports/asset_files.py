# SPDX-License-Identifier: GPL-3.0-or-later
"""The .blend files of a library folder, one per asset, and which object each was written for.

A file of the user's is never replaced: neither one that has the name, nor one of ours that the user has changed since.
"""

import json
import os
import secrets
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from ..protocol.errors import BadRequest
from ..system.files import replace_content, replace_with_retry
from ..system.untrusted_files import is_plain_name, read_json
from .asset_catalogs import locked

INDEX, MAX_INDEX_BYTES, FORMAT = ".text3d_assets.json", 2**24, 1
SUFFIX = ".blend"


class AssetFile(NamedTuple):
    """A file that was written for an object.

    Attributes:
        file: Its name.
        name: Name of the object.
        size: Size in bytes as it was written.
        time_ns: Time of its last change as it was written.
    """

    file: str
    name: str
    size: int
    time_ns: int


def require_library(folder: Path) -> None:
    """Check that assets can be written to a folder.

    Raises:
        BadRequest: It is missing, a file, or cannot be written.
    """
    if not folder.is_dir():
        what = "is a file, not a folder" if folder.exists() else "does not exist"
        raise BadRequest(f"The library folder {folder} {what}. Choose another one in Preferences.")
    probe = draft_path(folder)
    try:
        probe.touch(exist_ok=False)
    except OSError as error:
        raise BadRequest(
            f"The library folder {folder} cannot be written ({error.strerror}). Choose another one in Preferences."
        ) from error
    with suppress(OSError):
        probe.unlink()


def draft_path(folder: Path) -> Path:
    """Return the path of a new temporary file, which no Asset Browser shows."""
    return folder / f".text3d-{secrets.token_hex(6)}.part"


def known_file(folder: Path, asset_id: str) -> AssetFile | None:
    """Return the file of an asset, or None if none was written, or the index is missing or damaged."""
    return read_index(folder).get(asset_id)


def place_file(draft: Path, asset_id: str, name: str, stem: str) -> Path:
    """Move a temporary file to its place: over the asset's own file, else to a free name.

    Args:
        draft: The file, in the library folder.
        asset_id: ID of the object.
        name: Name of the object.
        stem: Name of a new file without suffix; a number is added if it is taken.

    Raises:
        BadRequest: Another process writes to the folder all the time.
        OSError: The file cannot be moved; it is removed.
    """
    folder = draft.parent
    try:
        with locked(folder):
            files = read_index(folder)
            path = own_path(folder, files.get(asset_id))
            if path is not None:
                replace_with_retry(draft, path)
            else:
                path = move_to_free_name(draft, stem)
            status = path.stat()
            files[asset_id] = AssetFile(path.name, name, status.st_size, status.st_mtime_ns)
            write_index(folder, files)
            return path
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)


def own_path(folder: Path, entry: AssetFile | None) -> Path | None:
    """Return the path of an asset's file if it is still as it was written, else None."""
    if entry is None or (folder / entry.file).is_symlink():
        return None
    try:
        status = (folder / entry.file).stat()
    except OSError:
        return None
    is_same = (status.st_size, status.st_mtime_ns) == (entry.size, entry.time_ns)
    return folder / entry.file if is_same else None


def move_to_free_name(draft: Path, stem: str) -> Path:
    """Give a file the first of the names STEM, STEM-2, STEM-3 … that no file has.

    Raises:
        OSError: The folder cannot be written.
    """
    number = 1
    while True:
        path = draft.with_name(f"{stem}{f'-{number}' if number > 1 else ''}{SUFFIX}")
        if not os.path.lexists(path):
            try:
                os.link(draft, path)
            except FileExistsError:
                continue  # created this moment
            except OSError:  # a disk without hard links
                replace_with_retry(draft, path)
            return path
        number += 1


def read_index(folder: Path) -> dict[str, AssetFile]:
    """Return the files of a folder by asset ID; nothing of an index that is missing or damaged."""
    try:
        content = read_json(folder / INDEX, MAX_INDEX_BYTES)
        entries = {asset_id: asset_file(values) for asset_id, values in content["files"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}
    return {asset_id: entry for asset_id, entry in entries.items() if entry is not None}


def asset_file(values: Any) -> AssetFile | None:
    """Return a stored entry, or None if it is not one that `write_index` wrote."""
    if not isinstance(values, list) or len(values) != len(AssetFile._fields):
        return None
    entry = AssetFile(*values)
    is_valid = is_plain_name(entry.file) and entry.file.endswith(SUFFIX) and isinstance(entry.name, str)
    return entry if is_valid and isinstance(entry.size, int) and isinstance(entry.time_ns, int) else None


def write_index(folder: Path, files: dict[str, AssetFile]) -> None:
    """Record the files of a folder.

    Raises:
        OSError: It cannot be written; the old record is unchanged.
    """
    content = {"format": FORMAT, "files": {asset_id: list(entry) for asset_id, entry in files.items()}}
    replace_content(folder / INDEX, json.dumps(content, ensure_ascii=False).encode())
