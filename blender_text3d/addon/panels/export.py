# SPDX-License-Identifier: GPL-3.0-or-later
"""Panels of the export presets, below the generated object and below the other selected ones."""

from collections.abc import Iterable
from itertools import islice
from typing import Any

import bpy

from ..operators.export import PRESET_ITEMS
from .sidebar import SidebarPanel
from .turntable import draw_turntable

MAX_LOOKED_AT = 100
"""Selected objects among which the panel looks for point clouds, with every redraw."""


class ExportPanel(SidebarPanel):
    """Buttons of the presets."""

    bl_label = "Export"
    bl_options = {"DEFAULT_CLOSED"}

    def draw(self, context: bpy.types.Context) -> None:
        layout: Any = self.layout  # type: ignore[attr-defined]
        has_points = shows_points(context.selected_objects)
        if has_points:
            layout.operator("text3d.points_to_mesh", icon="MESH_ICOSPHERE")
            layout.label(text="Only Points exports point clouds", icon="INFO")
        grid = layout.grid_flow(columns=2, even_columns=True, align=True)
        for name, label, *_ in PRESET_ITEMS:
            grid.operator("text3d.export_asset", text=f"{label}…").preset = name
        draw_turntable(layout)


class TEXT3D_PT_export(ExportPanel, bpy.types.Panel):
    """Export presets for generated objects."""

    bl_parent_id = "TEXT3D_PT_recipe"


class TEXT3D_PT_export_selected(ExportPanel, bpy.types.Panel):
    """Export presets for objects that were not generated."""

    bl_parent_id = "TEXT3D_PT_selected_object"


def shows_points(targets: Iterable[bpy.types.Object]) -> bool:
    """True if one of the first selected objects is a point cloud, native or made by the add-on's modifier."""
    from ...scene.points_nodes import points_modifier

    looked_at = islice(targets, MAX_LOOKED_AT)
    return any(item.type == "POINTCLOUD" or (item.type == "MESH" and points_modifier(item)) for item in looked_at)


CLASSES = (TEXT3D_PT_export, TEXT3D_PT_export_selected)
