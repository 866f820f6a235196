# SPDX-License-Identifier: GPL-3.0-or-later
"""Images in panels: the chosen one, and what the model sees of it."""

import bpy

IMAGE_SCALE = 6.0  # times the height of a button
MODEL_INPUT = "Seen by the Model"


def draw_images(layout: bpy.types.UILayout, *images: tuple[str, int]) -> None:
    """Draw labeled images side by side, of a height that only the first one decides; nothing without it."""
    if not images[0][1]:
        return
    row = layout.row()
    for label, icon in images:
        column = row.column(align=True)
        column.label(text=label if icon else "")
        if icon:
            column.template_icon(icon_value=icon, scale=IMAGE_SCALE)


def draw_image(layout: bpy.types.UILayout, icon: int, label: str = "") -> None:
    """Draw an image under an optional label; nothing if the icon is 0."""
    if not icon:
        return
    if label:
        layout.label(text=label, icon="HIDE_OFF")
    layout.template_icon(icon_value=icon, scale=IMAGE_SCALE)
