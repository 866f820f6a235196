# SPDX-License-Identifier: GPL-3.0-or-later
"""Solid view shows our objects' colours: as Blender starts, it would show one mean colour for each.

A view is changed once, and only where no other object would lose the colour it shows; after that it is the user's. The
button in the panel changes it at any time.
"""

import bpy

DEFAULT_COLOR = (0.8, 0.8, 0.8)
"""A new material's colour in Solid view: nobody chose it."""

_changed: set[int] = set()


def show_colors() -> None:
    """Change the views of all windows that may be changed."""
    if has_colored_user_material():
        return
    for space in material_color_spaces():
        if space.as_pointer() not in _changed:
            _changed.add(space.as_pointer())
            space.shading.color_type = "VERTEX"


def material_color_spaces() -> list[bpy.types.SpaceView3D]:
    """The 3D views that show one colour a material."""
    areas = [area for window in bpy.context.window_manager.windows for area in window.screen.areas]
    spaces = [area.spaces.active for area in areas if area.type == "VIEW_3D"]
    return [space for space in spaces if space.shading.color_type == "MATERIAL"]


def has_colored_user_material() -> bool:
    """Whether a material that is not ours has been given a colour for Solid view."""
    from ...scene.names import MATERIAL

    used = [material for material in bpy.data.materials if material.users and not material.name.startswith(MATERIAL)]
    return any(max(abs(a - b) for a, b in zip(m.diffuse_color, DEFAULT_COLOR, strict=False)) > 1e-3 for m in used)


class TEXT3D_OT_show_colors(bpy.types.Operator):
    """Show color attributes in Solid view. Objects without one become white"""

    bl_idname = "text3d.show_colors"
    bl_label = "Show Colors in Solid View"

    def execute(self, context: bpy.types.Context) -> set[str]:
        for space in material_color_spaces():
            space.shading.color_type = "VERTEX"
        return {"FINISHED"}


def draw_button(layout: bpy.types.UILayout, context: bpy.types.Context) -> None:
    """The button, in a Solid view that shows one colour a material."""
    shading = getattr(context.space_data, "shading", None)
    if shading and shading.type == "SOLID" and shading.color_type == "MATERIAL":
        layout.operator("text3d.show_colors", icon="COLOR")


CLASSES = (TEXT3D_OT_show_colors,)
