# SPDX-License-Identifier: GPL-3.0-or-later
"""Operators on the kept steps of generated objects: look at them, bring one in, play them."""

from typing import Any

import bpy

from ...protocol.request import MAX_STEP
from ..jobs import show_steps
from ..state.problem import SubmitError
from ..state.session_state import state
from .generate import can_start, fail, start, wait
from .mesh_tools import MeshOperator, done_text
from .recipe import has_active_recipe

SHOW, HIDE = "SHOW", "HIDE"
ACTION_ITEMS = (
    (SHOW, "Show", "Add a modifier with a slider that shows each step in place of the object", 0),
    (HIDE, "Hide", "Remove the steps with their keyframes, and show the object", 1),
)


class TEXT3D_OT_show_steps(MeshOperator, bpy.types.Operator):
    """Show how the selected objects formed, step by step, with a modifier that leaves the objects as they are"""

    bl_idname = "text3d.show_steps"
    bl_label = "Show Steps"

    action: bpy.props.EnumProperty(name="Action", description="What to do", items=ACTION_ITEMS, options={"SKIP_SAVE"})

    @classmethod
    def description(cls, context: bpy.types.Context, properties: bpy.types.OperatorProperties) -> str:
        return ACTION_ITEMS[1][2] if properties.action == HIDE else cls.__doc__

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return super().poll(context) and can_start(cls)

    def execute(self, context: bpy.types.Context) -> set[str]:
        from ...scene.mesh_selection import selected_objects

        targets = selected_objects(context.view_layer)
        if self.action == HIDE:
            return self.hide(targets)
        state.problem = None
        try:
            jobs, skipped = show_steps.show(targets, context.scene)
        except SubmitError as error:
            return fail(self, error.problem)
        if jobs and bpy.app.background and "CANCELLED" in wait(self, jobs):
            return {"CANCELLED"}
        return self.finish(done_text("Found the steps of", len(targets) - len(skipped)), skipped)

    def hide(self: Any, targets: list[bpy.types.Object]) -> set[str]:
        """Remove the steps of these objects."""
        from ...scene.steps import remove_steps, steps_modifier

        shown = [target for target in targets if steps_modifier(target)]
        for target in shown:
            remove_steps(target)
        return self.finish(done_text("Removed the steps of", len(shown)), {})


class TEXT3D_OT_bring_in_step(bpy.types.Operator):
    """Generate an object of a step of the active object, at full resolution, without sampling"""

    bl_idname = "text3d.bring_in_step"
    bl_label = "Bring In"

    step: bpy.props.IntProperty(
        name="Step", description="Number of the step. 0: the one that is shown", default=0, min=0, max=MAX_STEP,
        options={"SKIP_SAVE"},
    )  # fmt: skip

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return has_active_recipe(cls, context) and can_start(cls)

    def execute(self, context: bpy.types.Context) -> set[str]:
        from ...scene.steps import shown_step

        target = context.view_layer.objects.active
        step = self.step or shown_step(target)
        if not step:
            self.report({"ERROR"}, f'"{target.name}" shows no steps. Use Show Steps, or name a step')
            return {"CANCELLED"}
        return start(self, show_steps.bring_in, target, step, context.scene)


class TEXT3D_OT_steps_to_timeline(MeshOperator, bpy.types.Operator):
    """Key the steps of the selected objects, so that they form when the animation plays or renders"""

    bl_idname = "text3d.steps_to_timeline"
    bl_label = "To Timeline"

    start: bpy.props.IntProperty(
        name="Start", description="Frame of the first step. 0: the current frame", default=0, min=0, max=1_000_000
    )
    frames: bpy.props.IntProperty(
        name="Frames per Step", description="Frames that each step is shown", default=3, min=1, max=1000
    )
    is_extended: bpy.props.BoolProperty(
        name="Extend Range", description="Move the end of the scene to the last step, if it is later", default=True
    )

    def execute(self, context: bpy.types.Context) -> set[str]:
        from ...scene.mesh_selection import selected_objects, sort_out
        from ...scene.steps import steps_modifier
        from ...scene.steps_animation import key_steps

        scene = context.scene
        targets, skipped = sort_out(
            selected_objects(context.view_layer), lambda target: "" if steps_modifier(target) else "shows no steps"
        )
        start = self.start or scene.frame_current
        last = max((key_steps(target, start, self.frames) for target in targets), default=0)
        if targets and self.is_extended:
            scene.frame_end = max(scene.frame_end, last + self.frames)
        scene.frame_set(scene.frame_current)  # shows the step of this frame
        return self.finish(done_text("Keyed the steps of", len(targets)), skipped)


CLASSES = (TEXT3D_OT_show_steps, TEXT3D_OT_bring_in_step, TEXT3D_OT_steps_to_timeline)
