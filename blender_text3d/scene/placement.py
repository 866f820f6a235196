# SPDX-License-Identifier: GPL-3.0-or-later
"""Places of objects in a scene. Lengths are in Blender units unless a name says meters."""

import bpy

SPACING = 1.25
COLUMNS = 10


def cell_offset(
    index: int, size: float, rows_per_result: int = 1, columns: int = COLUMNS
) -> tuple[float, float, float]:
    """Return the offset of a result from the first one: along X, ten in a row, further rows behind.

    Args:
        index: Number of the result; the first is 0.
        size: Longest side of an object in Blender units.
        rows_per_result: 2 if each result has a mesh in front and a cloud behind it.
        columns: Results in a row.
    """
    row, column = divmod(index, columns)
    pitch = size * SPACING
    return column * pitch, row * rows_per_result * pitch, 0.0


def units_per_meter(scene: bpy.types.Scene) -> float:
    """Return the number of Blender units in one meter of this scene."""
    units = scene.unit_settings
    return 1.0 if units.system == "NONE" else 1.0 / units.scale_length
