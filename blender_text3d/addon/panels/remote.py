# SPDX-License-Identifier: GPL-3.0-or-later
"""The remote machine: its settings in the preferences, the test of its connection, and its name in the sidebar."""

import bpy

from ..background.connection_task import connection_task
from ..settings.choices import Choices
from .text_wrap import draw_wrapped

MAX_SHOWN_LENGTH = 28


def draw_preferences(
    layout: bpy.types.UILayout, preferences: bpy.types.AddonPreferences, context: bpy.types.Context
) -> None:
    """Draw the machine, the button that tests its connection, and the result."""
    layout.label(text="Remote Machine (SSH)", icon="NETWORK_DRIVE")
    layout.use_property_split = True
    layout.prop(preferences, "remote_host", placeholder="This machine")
    if not getattr(preferences, "remote_host", "").strip():
        return
    layout.prop(preferences, "remote_port")
    layout.prop(preferences, "remote_python", placeholder="Environment of Setup there")
    row = layout.row(align=True)
    if connection_task.is_running():
        row.label(text="Connecting…", icon="TIME")
        row.operator("text3d.stop_testing_connection", text="", icon="CANCEL")
    else:
        row.operator("text3d.test_connection", icon="LINKED")
        if connection_task.text:
            icon = "CHECKMARK" if connection_task.is_good else "ERROR"
            draw_wrapped(layout, connection_task.text, icon, context)


def draw_host(layout: bpy.types.UILayout, chosen: Choices, context: bpy.types.Context) -> None:
    """Draw which machine generates, if it is another one."""
    if chosen.remote_host:
        host = chosen.remote_host.rpartition("@")[2]
        shown = host if len(host) <= MAX_SHOWN_LENGTH else f"{host[: MAX_SHOWN_LENGTH - 1]}…"
        draw_wrapped(layout, f"Generating on {shown}", "NETWORK_DRIVE", context)
