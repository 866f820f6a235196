# SPDX-License-Identifier: GPL-3.0-or-later
"""Redraw of the sidebars."""

import bpy


def windows() -> list[bpy.types.Window]:
    """Return all open windows; none in background mode."""
    manager = bpy.context.window_manager
    return list(manager.windows) if manager else []


def panels() -> None:
    """Redraw every 3D viewport, whose sidebar shows the progress, and the preferences."""
    for window in windows():
        for area in window.screen.areas:
            if area.type in {"VIEW_3D", "PREFERENCES"}:
                area.tag_redraw()


def sidebars() -> None:
    """Redraw the sidebars of the 3D viewports, and not the viewports themselves."""
    for window in windows():
        for area in window.screen.areas:
            if area.type == "VIEW_3D":
                tag_sidebar(area)


def tag_sidebar(area: bpy.types.Area) -> None:
    """Redraw the sidebar of an area."""
    for region in area.regions:
        if region.type == "UI":
            region.tag_redraw()


def has_viewport() -> bool:
    """True if a 3D viewport can show a preview; so is a Blender without windows, in which scripts look themselves."""
    areas = [area for window in windows() for area in window.screen.areas]
    return not areas or any(area.type == "VIEW_3D" for area in areas)
