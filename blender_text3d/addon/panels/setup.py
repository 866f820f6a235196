# SPDX-License-Identifier: GPL-3.0-or-later
"""The sidebar's two panels on the environment: before Set Up the only one of the tab, afterwards the last one."""

import bpy

from ..background.environment_task import environment_task
from ..settings.choices import choices
from ..state.problem import DOCTOR, LOG, environment_problem, is_set_up
from ..state.session_state import state
from . import doctor, fix_buttons, remote
from .environment import draw_facts, draw_next_step, draw_state, reason_to_wait
from .sidebar import SidebarPanel
from .text_wrap import draw_wrapped


class TEXT3D_PT_first_setup(bpy.types.Panel):
    """The one-time setup: its large button, its progress, and what went wrong with it."""

    bl_space_type = "VIEW_3D"
    bl_region_type = "UI"
    bl_category = "Text3D"
    bl_label = "Text3D"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return not is_set_up()

    def draw(self, context: bpy.types.Context) -> None:
        layout, chosen = self.layout, choices()
        draw_state(layout, chosen, context)
        draw_problem(layout, context)
        if not (environment_task.is_running() or reason_to_wait(chosen)):
            draw_next_step(layout, chosen, environment_problem(chosen), context)
            if chosen.own_python is None:
                layout.operator("text3d.install_kit", text="Install Offline Kit…", icon="FILE_FOLDER")
        doctor.draw(layout, context)


class TEXT3D_PT_setup(SidebarPanel, bpy.types.Panel):
    """State of the environment, and what is installed on this machine."""

    bl_label = "Setup"
    bl_idname = "TEXT3D_PT_setup"
    bl_options = {"DEFAULT_CLOSED"}
    bl_order = 90

    def draw(self, context: bpy.types.Context) -> None:
        layout, chosen = self.layout, choices()
        remote.draw_host(layout, chosen, context)
        draw_state(layout, chosen, context)
        draw_facts(layout, chosen, context)
        if not (environment_task.is_running() or reason_to_wait(chosen)):
            draw_next_step(layout, chosen, None, context)
        row = layout.row(align=True)
        row.operator("text3d.examine", text="Diagnostics", icon="VIEWZOOM").is_full = False
        row.operator("text3d.open_preferences", text="Preferences", icon="PREFERENCES")


CLASSES = (TEXT3D_PT_first_setup, TEXT3D_PT_setup)


def draw_problem(layout: bpy.types.UILayout, context: bpy.types.Context) -> None:
    """Draw the last error above the next step, which it never replaces."""
    if state.problem is None or environment_task.is_running():
        return
    box = layout.box()
    column = box.column()
    column.alert = True
    draw_wrapped(column, str(state.problem), "ERROR", context)
    row = box.row(align=True)
    for name in (LOG, DOCTOR):
        fix_buttons.draw(row, name)
    row.operator("text3d.dismiss_message", text="", icon="X").message = ""
