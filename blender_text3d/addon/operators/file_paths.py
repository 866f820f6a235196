# SPDX-License-Identifier: GPL-3.0-or-later
"""Options of the file paths that scripts may give relative to the .blend file, as `//chair.glb`."""

import bpy

RELATIVE: set[str] = {"PATH_SUPPORTS_BLEND_RELATIVE"} if bpy.app.version >= (4, 5) else set()
"""Without it, Blender warns of each such path; before 4.5 the property would be missing with it."""


def is_without_file(path: str) -> bool:
    """True for a path relative to a .blend file that is not saved; Blender would take the working directory."""
    return path.startswith("//") and not bpy.data.filepath
