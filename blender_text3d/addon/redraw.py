# SPDX-License-Identifier: GPL-3.0-or-later
"""Redraw of the sidebars."""

import bpy


def panels() -> None:
    """Redraw every 3D viewport, whose sidebar shows the progress, and the preferences."""
    for window in bpy.context.window_manager.windows:
        for area in window.screen.areas:
            if area.type in {"VIEW_3D", "PREFERENCES"}:
                area.tag_redraw()
