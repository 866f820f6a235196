# SPDX-License-Identifier: GPL-3.0-or-later
"""The versions of the active generated object: arrows, menu, and the buttons that add one."""

import bpy

from ..jobs.replacement import active_generated

MAX_PROMPT_IN_MENU = 40


def draw_new_version(column: bpy.types.UILayout) -> None:
    """Draw the buttons that add a version."""
    row = column.row(align=True)
    row.operator("text3d.new_seed", icon="FILE_REFRESH")
    row.operator("text3d.vary", text="Vary…", icon="MOD_NOISE")
    row = column.row(align=True)
    row.operator("text3d.edit_prompt", text="Edit Prompt…", icon="GREASEPENCIL")
    row.operator("text3d.decode_again", text="Refine…", icon="MOD_REMESH")
    column.operator("text3d.blend", text="Blend…", icon="ARROW_LEFTRIGHT")


def draw_flip(row: bpy.types.UILayout, number: int, count: int) -> None:
    """Draw the number of the version between the arrows, and the menu."""
    row.operator("text3d.previous_version", text="", icon="TRIA_LEFT")
    label = row.row(align=True)
    label.alignment = "CENTER"
    label.label(text=f"v{number} of {count}")
    row.operator("text3d.next_version", text="", icon="TRIA_RIGHT")
    row.menu("TEXT3D_MT_versions", text="", icon="DOWNARROW_HLT")


class TEXT3D_MT_versions(bpy.types.Menu):
    """All versions by seed and prompt, and what can be done with them."""

    bl_label = "Versions"

    def draw(self, context: bpy.types.Context) -> None:
        target = active_generated()
        if target is not None:
            draw_versions(self.layout, target)
            self.layout.separator()
        self.layout.operator("text3d.make_again", text="Regenerate with Same Seed")
        for name in ("keep_version", "delete_version", "versions_to_objects"):
            self.layout.operator(f"text3d.{name}")


def draw_versions(layout: bpy.types.UILayout, target: bpy.types.Object) -> None:
    """Draw one line per version, the newest first."""
    from ...scene.version_list import active_index, entries_of, existing

    entries, active = entries_of(target), active_index(target)
    for number, index in reversed(list(enumerate(existing(target), start=1))):
        entry = entries[index]
        text = f"v{number}  ·  {entry.name[:MAX_PROMPT_IN_MENU]}  ·  seed {entry.seed}  ·  {entry.created}"
        icon = "RADIOBUT_ON" if index == active else "RADIOBUT_OFF"
        layout.operator("text3d.set_version", text=text, icon=icon).number = number


CLASSES = (TEXT3D_MT_versions,)
