# SPDX-License-Identifier: GPL-3.0-or-later
"""Asking Blender to draw the sidebars anew."""

import bpy


def panels() -> None:
    """Redraw every 3D viewport: its sidebar shows the progress."""
    for window in bpy.context.window_manager.windows:
        for area in window.screen.areas:
            if area.type in {"VIEW_3D", "PREFERENCES"}:
                area.tag_redraw()
