# SPDX-License-Identifier: GPL-3.0-or-later
"""The selected objects → files: which object goes into which file, by which preset."""

from collections.abc import Callable, Sequence

import bpy

from .by_blender import EXPORTERS, blender_plan
from .file_names import check_folder, file_stems
from .options import Exported, ExportError, ExportOptions, Group, Plan
from .points import points_plan
from .printing import print_plan
from .web import web_plan
from .whole_files import write_files

PLANS: dict[str, Callable[[Sequence[bpy.types.Object], ExportOptions], Plan]] = {
    "POINTS": points_plan,
    **dict.fromkeys(EXPORTERS, blender_plan),
    "PRINT": print_plan,
    "WEB": web_plan,
}


def export_objects(targets: Sequence[bpy.types.Object], options: ExportOptions) -> Exported:
    """Write the files of a preset.

    Args:
        targets: Objects of the current view layer.
        options: The choices.

    Raises:
        ExportError: Nothing can be written.
    """
    check_folder(options.path.parent)
    plan = PLANS[options.preset](targets, options)
    files, problems = [], list(plan.problems)
    for group in groups(plan.able, options):
        try:
            content = plan.content_of(group)
            write_files(group.path, content.files, options)
        except ExportError as error:
            problems.append(str(error))
            continue
        files.append(group.path)
        problems += content.problems
    return Exported(files, problems)


def groups(targets: Sequence[bpy.types.Object], options: ExportOptions) -> list[Group]:
    """Return which objects go into which file."""
    if not options.is_separate:
        return [Group(options.path, list(targets))] if targets else []
    stems = file_stems([target.name for target in targets])
    return [
        Group(options.path.parent / f"{stem}{options.suffix}", [target])
        for stem, target in zip(stems, targets, strict=True)
    ]
