# SPDX-License-Identifier: GPL-3.0-or-later
"""Asset libraries in Blender's preferences, and the catalogs of the open file."""

import os
from contextlib import suppress
from pathlib import Path
from typing import Any

import bpy

from ...exports.asset_catalogs import catalog_id, ensure_catalog
from ...protocol.errors import BadRequest
from ..state.session_state import state
from .pending import pending_catalogs

IMPORT_METHODS = ("APPEND", "APPEND_REUSE")
"""The last that this Blender takes: objects are appended, not linked. From 5.0 on, Blender packs links by
default, and lists APPEND_REUSE, but refuses it."""
MAX_NAME_BYTES = 63


def libraries() -> Any:
    """Return the asset libraries in the preferences."""
    preferences: Any = bpy.context.preferences
    return preferences.filepaths.asset_libraries


def library_of(folder: Path) -> Any:
    """Return the asset library of a folder, or None."""
    wanted = normal(folder)
    return next((library for library in libraries() if library.path and normal(library.path) == wanted), None)


def is_listed(folder: Path) -> bool:
    """True if the preferences name a folder, as it is written: panels look at no disk."""
    wanted = os.path.normcase(folder)
    return any(os.path.normcase(os.path.normpath(library.path)) == wanted for library in libraries() if library.path)


def normal(path: "Path | str") -> str:
    """Return a path in a form in which equal paths are equal."""
    return os.path.normcase(os.path.realpath(bpy.path.abspath(str(path))))


def add_library(folder: Path) -> Any:
    """Return the asset library of a folder, which is added to the preferences if it is missing."""
    found = library_of(folder)
    if found is not None:
        return found
    name = folder.name.encode()[:MAX_NAME_BYTES].decode(errors="ignore") or "Assets"
    made = libraries().new(name=name, directory=str(folder))
    for method in IMPORT_METHODS:
        with suppress(TypeError):
            made.import_method = method
    preferences: Any = bpy.context.preferences
    preferences.is_dirty = True  # saved when Blender quits, as a change by hand is
    return made


def catalogs_folder() -> Path | None:
    """Return the folder whose catalogs Blender shows for the open file, or None for a file that was never saved.

    It is that of the library which contains the file, else that of the file.
    """
    if not bpy.data.filepath:
        return None
    file = normal(bpy.data.filepath)
    roots = [normal(library.path) for library in libraries() if library.path]
    root = next((root for root in roots if file.startswith(os.path.join(root, ""))), "")
    return Path(root) if root else Path(bpy.data.filepath).parent


def catalog_of_file(path: str) -> str:
    """Return the UUID of a catalog of the open file, which is added if it is missing.

    Raises:
        BadRequest, OSError: The file of catalogs cannot be read or written.
    """
    folder = catalogs_folder()
    if folder is not None:
        return ensure_catalog(folder, path)
    pending_catalogs.add(path)
    return catalog_id(path)


def write_pending_catalogs() -> None:
    """Add the catalogs that waited for the file to be saved; without a place for them, the assets stay unsorted."""
    while pending_catalogs:
        path = pending_catalogs.pop()
        try:
            catalog_of_file(path)
        except (BadRequest, OSError) as error:
            state.notice(f"The asset catalog {path} was not written ({error}). Its assets are under Unassigned.")


def refresh_browsers() -> None:
    """Let every open Asset Browser read its library again."""
    manager = bpy.context.window_manager
    for window in manager.windows if manager else ():
        for area in window.screen.areas:
            if area.ui_type == "ASSETS":
                refresh: Any = bpy.ops.asset.library_refresh
                with bpy.context.temp_override(window=window, area=area):
                    if refresh.poll():
                        refresh()
