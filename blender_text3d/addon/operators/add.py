# SPDX-License-Identifier: GPL-3.0-or-later
"""The operator of Add > Mesh > Text to 3D, which asks for the prompt."""

import bpy

from ..jobs import submit
from ..settings.input_kind import TEXT, choose_input
from .generate import WorkerOperator, start


class TEXT3D_OT_add(WorkerOperator, bpy.types.Operator):
    """Generate an object from a text, with the settings of the Text3D tab"""

    bl_idname = "text3d.add"
    bl_label = "Text to 3D"

    prompt: bpy.props.StringProperty(name="Prompt", description="Describe the object in a few English words")

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        self.prompt = context.scene.text3d.prompt
        return context.window_manager.invoke_props_dialog(self, title="Text to 3D", confirm_text="Generate")

    def draw(self, context: bpy.types.Context) -> None:
        self.layout.prop(self, "prompt", text="")
        self.layout.prop(context.scene.text3d, "model", text="")

    def execute(self, context: bpy.types.Context) -> set[str]:
        settings = context.scene.text3d
        if self.prompt:
            settings.prompt = self.prompt
        choose_input(settings, TEXT)
        return start(self, submit.generate, context.scene)


CLASSES = (TEXT3D_OT_add,)
