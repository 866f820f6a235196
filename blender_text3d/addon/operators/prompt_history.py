# SPDX-License-Identifier: GPL-3.0-or-later
"""Operators on earlier prompts: use, star, remove."""

import bpy

from ..settings.choices import choices
from ..settings.input_kind import TEXT, choose_input
from ..state import prompt_history


class TEXT3D_OT_use_prompt(bpy.types.Operator):
    """Use this prompt again"""

    bl_idname = "text3d.use_prompt"
    bl_label = "Use Prompt"
    bl_options = {"INTERNAL", "UNDO"}

    prompt: bpy.props.StringProperty(name="Prompt", options={"SKIP_SAVE"})

    def execute(self, context: bpy.types.Context) -> set[str]:
        settings = context.scene.text3d
        settings.prompt = self.prompt
        choose_input(settings, TEXT)
        return {"FINISHED"}


class TEXT3D_OT_star_prompt(bpy.types.Operator):
    """Keep this prompt at the top of the list, or let it go"""

    bl_idname = "text3d.star_prompt"
    bl_label = "Star Prompt"
    bl_options = {"INTERNAL"}

    prompt: bpy.props.StringProperty(name="Prompt", options={"SKIP_SAVE"})
    is_starred: bpy.props.BoolProperty(name="Starred", default=True, options={"SKIP_SAVE"})

    def execute(self, context: bpy.types.Context) -> set[str]:
        prompt_history.set_star(data_dir(), self.prompt, self.is_starred)
        return {"FINISHED"}


class TEXT3D_OT_forget_prompt(bpy.types.Operator):
    """Remove this prompt from the list. Objects and results stay"""

    bl_idname = "text3d.forget_prompt"
    bl_label = "Remove Prompt"
    bl_options = {"INTERNAL"}

    prompt: bpy.props.StringProperty(name="Prompt", options={"SKIP_SAVE"})

    def execute(self, context: bpy.types.Context) -> set[str]:
        prompt_history.forget(data_dir(), self.prompt)
        return {"FINISHED"}


def data_dir():
    """Return the folder with the list."""
    return choices().jobs_dir.parent


CLASSES = (TEXT3D_OT_use_prompt, TEXT3D_OT_star_prompt, TEXT3D_OT_forget_prompt)
