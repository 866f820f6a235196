# SPDX-License-Identifier: GPL-3.0-or-later
"""The turntable as part of the export panels: its button, or its progress."""

import bpy

from ..background.turntable_task import turntable_task


def draw_turntable(layout: bpy.types.UILayout) -> None:
    """Draw the button, or the progress with Cancel."""
    if not turntable_task.is_running():
        layout.operator("text3d.render_turntable", text="Turntable…", icon="RENDER_ANIMATION")
        return
    row = layout.row(align=True)
    share = turntable_task.done / max(turntable_task.total, 1)
    row.progress(factor=share, type="BAR", text=f"Turntable {turntable_task.done}/{turntable_task.total}")
    row.operator("text3d.cancel_turntable", text="", icon="CANCEL")
