# SPDX-License-Identifier: GPL-3.0-or-later
"""The selected objects → files: which object goes into which file, by which preset."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import bpy

from ...scene.shown_points import shown_points
from ...system.files import replace_content
from ..state.name_list import quoted_names
from .file_names import check_folder, file_stems, write_error
from .options import Exported, ExportError, ExportOptions
from .points import points_content


class Group(NamedTuple):
    """The objects of one file, and whether the user named that file."""

    path: Path
    targets: list[bpy.types.Object]
    is_named: bool


def export_objects(targets: Sequence[bpy.types.Object], options: ExportOptions) -> Exported:
    """Write the files of a preset.

    Args:
        targets: Objects of the current view layer.
        options: The choices.

    Raises:
        ExportError: Nothing can be written.
    """
    check_folder(options.path.parent)
    content_of, able, problems = PRESETS[options.preset](targets, options)
    files = []
    for group in groups(able, options):
        try:
            write(group, content_of(group), options)
            files.append(group.path)
        except ExportError as error:
            problems.append(str(error))
    return Exported(files, problems)


def groups(targets: Sequence[bpy.types.Object], options: ExportOptions) -> list[Group]:
    """Return which objects go into which file."""
    if not options.is_separate:
        return [Group(options.path, list(targets), True)] if targets else []
    stems = file_stems([target.name for target in targets])
    return [
        Group(options.path.parent / f"{stem}{options.suffix}", [target], False)
        for stem, target in zip(stems, targets, strict=True)
    ]


def write(group: Group, content: bytes, options: ExportOptions) -> None:
    """Write a file whole or not at all.

    Raises:
        ExportError: It exists and was not named by the user, or cannot be written.
    """
    if group.path.exists() and not (group.is_named or options.is_overwriting):
        raise ExportError(f"{group.path.name} exists and was kept. Turn on Overwrite to replace it.")
    try:
        replace_content(group.path, content)
    except OSError as error:
        raise write_error(group.path, error) from error


def meters_per_unit(scene: Any) -> float:
    """Return the length of a Blender unit in meters."""
    units = scene.unit_settings
    return 1.0 if units.system == "NONE" else float(units.scale_length)


ContentOf = Callable[[Group], bytes]
Plan = tuple[ContentOf, list[bpy.types.Object], list[str]]


def points_plan(targets: Sequence[bpy.types.Object], options: ExportOptions) -> Plan:
    """Return how points are written, the objects that show some, and a sentence on the others."""
    found = shown_points(targets)
    able = [target for target in targets if target.session_uid in found]
    others = [target.name for target in targets if target.session_uid not in found]

    def content_of(group: Group) -> bytes:
        clouds = [(target, found[target.session_uid]) for target in group.targets]
        is_at_origin = options.is_at_origin and len(clouds) == 1
        return points_content(clouds, options.suffix, meters_per_unit(bpy.context.scene), is_at_origin=is_at_origin)

    return content_of, able, [f"No points in {quoted_names(others)}."] if others else []


PRESETS: dict[str, Callable[[Sequence[bpy.types.Object], ExportOptions], Plan]] = {"POINTS": points_plan}
