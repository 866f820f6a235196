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
