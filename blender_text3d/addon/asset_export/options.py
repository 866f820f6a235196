# SPDX-License-Identifier: GPL-3.0-or-later
"""Options of an export, and its outcome."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import bpy


class ExportOptions(NamedTuple):
    """The choices of an export.

    Attributes:
        preset: Identifier of the preset.
        path: The file; of several files, its folder counts.
        suffix: Of the files, with the dot.
        is_separate: Write one file per object, named after it.
        is_overwriting: Replace files that the user did not name, such as those of `is_separate`.
        is_at_origin: Put the origin of an object that is alone in its file at the world origin.
        height_mm, base_mm: Height of a print, 0 for the object's own; height of its flat base.
        is_quantized: Store fewer bits, for the web.
        texture_side: Width and height of baked textures in pixels.
        lod_levels: Levels of detail below the full one.
    """

    preset: str
    path: Path
    suffix: str
    is_separate: bool = False
    is_overwriting: bool = False
    is_at_origin: bool = True
    height_mm: float = 0.0
    base_mm: float = 0.0
    is_quantized: bool = False
    texture_side: int = 1024
    lod_levels: int = 0


class Group(NamedTuple):
    """The objects of one file."""

    path: Path
    targets: list[bpy.types.Object]


class Content(NamedTuple):
    """The files of one group by name, the main one last, and one sentence for each problem of what they hold."""

    files: dict[str, bytes]
    problems: list[str]


class Plan(NamedTuple):
    """Plan of a preset: the objects that it can export, and one sentence for each problem."""

    content_of: Callable[[Group], Content]
    able: list[bpy.types.Object]
    problems: list[str]


class Exported(NamedTuple):
    """Outcome of an export: the files written, and one sentence for each problem."""

    files: list[Path]
    problems: list[str]


class ExportError(Exception):
    """A file was not written, and nothing half of it is left; the message is one sentence for the user."""


def meters_per_unit() -> float:
    """Return the length of a Blender unit in meters."""
    units = bpy.context.scene.unit_settings
    return 1.0 if units.system == "NONE" else float(units.scale_length)
