# SPDX-License-Identifier: GPL-3.0-or-later
"""Labels of a grid of objects that lies on the ground: text objects in front of its columns and right of its rows.

There Blender's first view of a file sees them in front of the objects.
"""

from collections.abc import Sequence
from typing import Any, cast

import bpy

from .collection import text3d_collection

TEXT_SHARE = 0.18
"""Height of the letters, relative to the size of the objects."""
WIDTH_SHARE = 1.2
"""Width at which the label of a column is wrapped, relative to the size of the objects."""
GAP_SHARE = 0.65
"""Distance of a label from the center of the nearest object, relative to the size of the objects."""
MAX_LETTERS = 60

Vector3 = tuple[float, float, float]


def add_grid_labels(
    scene: bpy.types.Scene, locations: Sequence[Vector3], rows: Sequence[str], columns: Sequence[str], size: float
) -> list[bpy.types.Object]:
    """Add the labels of a grid.

    Args:
        scene: The scene.
        locations: Centers of the cells' footprints, row by row, the row farthest from the viewer first.
        rows, columns: Texts of the rows and columns.
        size: Longest side of the objects in Blender units.
    """
    count, half = len(columns), size * WIDTH_SHARE / 2
    last_row = locations[-count:]
    labels = [
        new_label(scene, text, (x - half, y - size * GAP_SHARE, z), size, width=2 * half)
        for text, (x, y, z) in zip(columns, last_row, strict=True)
    ]
    lasts = locations[count - 1 :: count]
    return labels + [
        new_label(scene, text, (x + size * GAP_SHARE, y, z), size) for text, (x, y, z) in zip(rows, lasts, strict=True)
    ]


def new_label(
    scene: bpy.types.Scene, text: str, location: Vector3, size: float, *, width: float = 0.0
) -> bpy.types.Object:
    """Add a text object that lies on the ground.

    Args:
        scene: The scene.
        text: The text, which is shortened if it is very long.
        location: The left edge of the text.
        size: Longest side of the objects in Blender units.
        width: Width at which the text is centered and wrapped; 0 for one line that starts at the location.
    """
    curve = cast(Any, bpy.data.curves.new("Text3D Label", "FONT"))
    curve.body = text if len(text) <= MAX_LETTERS else f"{text[: MAX_LETTERS - 1]}…"
    curve.size = size * TEXT_SHARE
    curve.align_x, curve.align_y = ("CENTER", "TOP") if width else ("LEFT", "CENTER")
    curve.text_boxes[0].width = width
    label = bpy.data.objects.new(curve.body, curve)
    label.location = location
    text3d_collection(scene).objects.link(label)
    return label
