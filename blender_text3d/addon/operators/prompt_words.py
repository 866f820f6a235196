# SPDX-License-Identifier: GPL-3.0-or-later
"""Operators on words of the prompt: insert a known one, correct a typo, choose the model that knows one."""

import bpy

from ...protocol.models import MODELS
from ..settings.view_settings import model_of_words
from ..state.prompt_check import insert_word, replace_word


class TEXT3D_OT_insert_word(bpy.types.Operator):
    """Insert this word into the prompt"""

    bl_idname = "text3d.insert_word"
    bl_label = "Insert Word"
    bl_options = {"INTERNAL", "UNDO"}

    word: bpy.props.StringProperty(name="Word")

    def execute(self, context: bpy.types.Context) -> set[str]:
        settings = context.scene.text3d
        settings.prompt = insert_word(settings.prompt, self.word, model_of_words(settings))
        return {"FINISHED"}


class TEXT3D_OT_replace_word(bpy.types.Operator):
    """Replace the misspelled word in the prompt"""

    bl_idname = "text3d.replace_word"
    bl_label = "Replace Word"
    bl_options = {"INTERNAL", "UNDO"}

    word: bpy.props.StringProperty(name="Word")
    replacement: bpy.props.StringProperty(name="Replacement")

    def execute(self, context: bpy.types.Context) -> set[str]:
        settings = context.scene.text3d
        settings.prompt = replace_word(settings.prompt, self.word, self.replacement, model_of_words(settings))
        return {"FINISHED"}


class TEXT3D_OT_choose_model(bpy.types.Operator):
    """Choose the model that knows this object"""

    bl_idname = "text3d.choose_model"
    bl_label = "Choose Model"
    bl_options = {"INTERNAL", "UNDO"}

    model: bpy.props.StringProperty(name="Model")

    def execute(self, context: bpy.types.Context) -> set[str]:
        if self.model not in MODELS:
            self.report({"WARNING"}, f"There is no model {self.model!r}")
            return {"CANCELLED"}
        context.scene.text3d.model = self.model
        return {"FINISHED"}


CLASSES = (TEXT3D_OT_insert_word, TEXT3D_OT_replace_word, TEXT3D_OT_choose_model)
