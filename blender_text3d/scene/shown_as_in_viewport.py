# SPDX-License-Identifier: GPL-3.0-or-later
"""Render settings of objects set to those of the viewport, since captured geometry is what the viewport shows."""

from typing import Any

import bpy

from .object_parts import SURFACE_TYPES
from .object_surface import active_colors
from .unlit_material import default_material


def show_as_in_viewport() -> None:
    """Let all objects render the geometry that the viewport shows, and be seen by the camera."""
    for collection in bpy.data.collections:
        collection.hide_render = collection.hide_viewport
    for target in bpy.data.objects:
        item: Any = target
        item.hide_render = item.hide_viewport
        item.show_instancer_for_render = item.show_instancer_for_viewport
        item.visible_camera, item.is_holdout, item.is_shadow_catcher = True, False, False
        for modifier in item.modifiers:
            modifier.show_render = modifier.show_viewport
            if hasattr(modifier, "render_levels"):
                modifier.render_levels = modifier.levels
    for data in (*bpy.data.curves, *bpy.data.metaballs):
        show_data_as_in_viewport(data)


def show_data_as_in_viewport(data: Any) -> None:
    """Let a curve, surface, text or metaball render as fine as the viewport shows it."""
    if hasattr(data, "render_resolution_u"):
        data.render_resolution_u = data.render_resolution_v = 0  # the viewport's
    if hasattr(data, "render_resolution"):
        data.render_resolution = data.resolution


def fill_empty_slots() -> None:
    """Give faces without a material one that shows what the viewport does: a color attribute, or gray."""
    known: dict[str, Any] = {}
    for target in bpy.data.objects:
        item: Any = target
        if item.type not in SURFACE_TYPES or all(slot.material for slot in item.material_slots) and item.material_slots:
            continue
        attribute = active_colors(item)
        if attribute not in known:
            known[attribute] = default_material(attribute)
        if not item.material_slots:
            item.data.materials.append(known[attribute])
        for slot in item.material_slots:
            slot.material = slot.material or known[attribute]
