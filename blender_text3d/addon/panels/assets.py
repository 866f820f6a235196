# SPDX-License-Identifier: GPL-3.0-or-later
"""Assets in the sidebar: keep the selected objects, the progress of many, and the library folder."""

from typing import Any

import bpy

from ..assets import task
from ..operators.assets import FILE, FOLDER, OBJECTS, RESULT, STARRED_RESULTS, objects_to_keep
from ..settings.asset_choices import CUSTOM, asset_choices, stored_preferences
from .sidebar import SidebarPanel


class AssetPanel(SidebarPanel):
    """Base of the panels that keep the selected objects as assets."""

    bl_label = "Asset"
    bl_options = {"DEFAULT_CLOSED"}

    def draw(self: Any, context: bpy.types.Context) -> None:
        draw_assets(self.layout, context)


class TEXT3D_PT_assets(AssetPanel, bpy.types.Panel):
    """Assets of the active generated object and of the selected ones."""

    bl_parent_id = "TEXT3D_PT_recipe"


class TEXT3D_PT_selected_assets(AssetPanel, bpy.types.Panel):
    """Assets of selected objects that were not generated."""

    bl_parent_id = "TEXT3D_PT_selected_object"


def draw_assets(layout: bpy.types.UILayout, context: bpy.types.Context) -> None:
    """Draw what keeps the selected objects as assets."""
    if not draw_progress(layout):
        count = len(objects_to_keep(context))
        here, there = "Keep as Asset", "Keep as Asset in Library"
        if count > 1:
            here, there = f"Keep {count} as Assets", f"Keep {count} in Library"
        column = layout.column(align=True)
        draw_keep(column, FILE, OBJECTS, here, "ASSET_MANAGER")
        draw_keep(column, FOLDER, OBJECTS, there, "FILE_FOLDER")
    draw_library(layout.column(align=True))


def draw_keep(layout: bpy.types.UILayout, library: str, source: str, text: str, icon: str) -> None:
    """Draw a button that keeps assets; the library folder has to be known for it."""
    row = layout.row(align=True)
    row.enabled = library == FILE or asset_choices().folder is not None
    button: Any = row.operator("text3d.keep_as_asset", text=text, icon=icon)
    button.library, button.source = library, source


def draw_result_buttons(layout: bpy.types.UILayout) -> None:
    """Draw what keeps the selected result, and all starred ones."""
    if not draw_progress(layout):
        library = FOLDER if asset_choices().folder is not None else FILE
        row = layout.row(align=True)
        draw_keep(row, library, RESULT, "Keep as Asset", "ASSET_MANAGER")
        draw_keep(row, library, STARRED_RESULTS, "", "SOLO_ON")


def draw_progress(layout: bpy.types.UILayout) -> bool:
    """Draw the progress of many assets; return False if none are being kept."""
    keeping = task.current()
    if keeping is None:
        return False
    row = layout.row(align=True)
    done, count = keeping.done, len(keeping.items)
    row.progress(factor=done / count, type="BAR", text=f"Keeping {done} of {count}")
    row.operator("text3d.cancel_assets", text="", icon="CANCEL")
    return True


def draw_library(column: bpy.types.UILayout) -> None:
    """Draw the library folder, and the button that adds it to Blender's asset libraries while it is missing there."""
    from ..assets.library import is_listed

    preferences = stored_preferences()
    if preferences is not None:
        column.prop(preferences, "asset_folder", text="", placeholder="Library Folder")
    folder = asset_choices().folder
    if folder is not None and not is_listed(folder):
        column.operator("text3d.add_asset_library", text="Add Asset Library…", icon="ADD")


def draw_preferences(layout: bpy.types.UILayout, preferences: bpy.types.AddonPreferences) -> None:
    """Draw the library folder, author and license in the preferences."""
    layout.prop(preferences, "asset_folder", placeholder="None")
    layout.prop(preferences, "asset_author", placeholder="Not Stated")
    layout.prop(preferences, "asset_license")
    if getattr(preferences, "asset_license", "") == CUSTOM:
        layout.prop(preferences, "asset_license_text", text=" ")


CLASSES = (TEXT3D_PT_assets, TEXT3D_PT_selected_assets)
