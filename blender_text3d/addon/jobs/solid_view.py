# SPDX-License-Identifier: GPL-3.0-or-later
"""Color attributes in Solid view, which by default shows one mean color per generated object.

A viewport is changed once, and only if no other object would lose its viewport color. The button in the panel changes
it at any time.
"""

from typing import Any

import bpy

from .. import redraw

_changed: set[int] = set()


def show_colors() -> None:
    """Set the viewports of all windows to show color attributes, once each."""
    if has_colored_user_material():
        return
    for space in material_color_spaces():
        if space.as_pointer() not in _changed:
            _changed.add(space.as_pointer())
            space.shading.color_type = "VERTEX"


def material_color_spaces() -> list[bpy.types.SpaceView3D]:
    """Return the 3D viewports that show material colors in Solid view."""
    areas = [area for window in redraw.windows() for area in window.screen.areas]
    spaces: list[Any] = [area.spaces.active for area in areas if area.type == "VIEW_3D"]
    return [space for space in spaces if space.shading.color_type == "MATERIAL"]


def has_colored_user_material() -> bool:
    """True if the user gave another material a viewport color."""
    from ...scene.colors import DEFAULT_FACE_COLOR
    from ...scene.material import is_color_material

    used = [material for material in bpy.data.materials if material.users and not is_color_material(material)]
    return any(max(abs(a - b) for a, b in zip(m.diffuse_color, DEFAULT_FACE_COLOR, strict=False)) > 1e-3 for m in used)


class TEXT3D_OT_show_colors(bpy.types.Operator):
    """Show color attributes in Solid view. Objects without one become white"""

    bl_idname = "text3d.show_colors"
    bl_label = "Show Colors in Solid View"

    def execute(self, context: bpy.types.Context) -> set[str]:
        for space in material_color_spaces():
            space.shading.color_type = "VERTEX"
        return {"FINISHED"}


def draw_button(layout: bpy.types.UILayout, context: bpy.types.Context) -> None:
    """Draw the button if Solid view shows material colors."""
    shading = getattr(context.space_data, "shading", None)
    if shading and shading.type == "SOLID" and shading.color_type == "MATERIAL":
        layout.operator("text3d.show_colors", icon="COLOR")


CLASSES = (TEXT3D_OT_show_colors,)
