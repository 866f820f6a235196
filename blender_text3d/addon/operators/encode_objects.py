# SPDX-License-Identifier: GPL-3.0-or-later
"""Operators that copy or vary the selected objects with a model that encodes objects."""

from typing import Any

import bpy

from ...protocol.models import MODELS
from ...protocol.request import MAX_RESULTS
from ..jobs import encode_objects
from ..jobs.encoding import Encoding
from ..jobs.submit_captured import encoding_model, reason_for_new_object
from ..settings.into import NEW, REPLACE
from ..state.problem import SubmitError
from ..state.session_state import state
from .generate import can_start, fail, wait
from .new_version import COUNT_TEXTS
from .poll import is_in_object_mode, is_met

INTO_ITEMS = (
    (NEW, "New", "Add a new object beside it", 0),
    (REPLACE, "Version", "Add a version to the object, which keeps its place. Its own mesh stays as version 1", 1),
)
INTO_TEXTS = {"name": "Into", "description": "Where the result goes. Objects with modifiers get a new object"}
FOLLOW_ITEMS = (
    ("TEXT", "Words", "Change the object as the words say", 0),
    ("IMAGE", "Image", "Change the object as the image of the panel shows", 1),
)
SMALL_MODELS = "Use Mini Shap-E or Shap-E"


def can_encode(operator: Any, context: bpy.types.Context, *, is_varied: bool) -> bool:
    """Return True if the selected objects can be captured and encoded now, else set the poll message."""
    settings = context.scene.text3d
    label = MODELS[settings.model].label
    return (
        is_in_object_mode(operator, context)
        and is_met(operator, context.selected_objects, "No object is selected")
        and is_met(operator, encode_objects.current() is None, "Another object is being read")
        and is_met(
            operator, encoding_model(settings, is_varied=is_varied), f"{label} encodes no objects. {SMALL_MODELS}"
        )
        and can_start(operator)
    )


def encoding_of(context: bpy.types.Context, into: str, **choices: Any) -> Encoding:
    """Return the encoding of the selected objects, the active one first."""
    selected, active = list(context.selected_objects), context.view_layer.objects.active
    selected.sort(key=lambda item: item != active)
    uids = tuple(item.session_uid for item in selected)
    return Encoding(uids, selected[0].name, context.scene.name, into, **choices)


def run(operator: bpy.types.Operator, context: bpy.types.Context, encoding: Encoding) -> set[str]:
    """Start the capture; without a window, wait for its jobs."""
    if encoding.into == REPLACE and (reason := reason_to_add(context, encoding)):
        operator.report({"INFO"}, f"{reason}, so the result is a new object beside it")
    try:
        encode_objects.start(encoding)
    except SubmitError as error:
        return fail(operator, error.problem)
    if not bpy.app.background:
        return {"FINISHED"}
    if state.problem is not None:
        return fail(operator, state.problem)
    return wait(operator, encode_objects.ended_jobs())


def reason_to_add(context: bpy.types.Context, encoding: Encoding) -> str:
    """Return why the result cannot be a version, or ""."""
    if len(encoding.objects) > 1:
        return "Several objects are selected"
    return reason_for_new_object(context.selected_objects[0])


class TEXT3D_OT_encode_selected(bpy.types.Operator):
    """Copy the selected objects with the model, to see what it understands of them before you vary them"""

    bl_idname = "text3d.encode_selected"
    bl_label = "Encode Selected"
    bl_options = {"REGISTER"}

    into: bpy.props.EnumProperty(items=INTO_ITEMS, default=REPLACE, **INTO_TEXTS)

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return can_encode(cls, context, is_varied=False)

    def execute(self, context: bpy.types.Context) -> set[str]:
        return run(self, context, encoding_of(context, self.into))


class TEXT3D_OT_vary_object(bpy.types.Operator):
    """Make other objects of the selected ones, of any origin, as words or an image say"""

    bl_idname = "text3d.vary_object"
    bl_label = "Vary My Object"
    bl_options = {"REGISTER"}

    strength: bpy.props.FloatProperty(
        name="Strength", description="How much changes: at 0.2 colors and details, at 0.7 the shape, at 1 everything",
        default=0.4, min=0.01, max=1.0, subtype="FACTOR", precision=2,
    )  # fmt: skip
    follow: bpy.props.EnumProperty(
        name="Follow", description="What the changes follow", items=FOLLOW_ITEMS, options={"SKIP_SAVE"}
    )
    prompt: bpy.props.StringProperty(
        name="Prompt", description="What the object is or shall be. Empty: its name", options={"SKIP_SAVE"}
    )
    count: bpy.props.IntProperty(default=1, min=1, max=MAX_RESULTS, soft_max=10, **COUNT_TEXTS)
    into: bpy.props.EnumProperty(items=INTO_ITEMS, default=REPLACE, **INTO_TEXTS)

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return can_encode(cls, context, is_varied=True)

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        self.prompt = words_of(encoding_of(context, self.into).name, context)
        inputs = MODELS[context.scene.text3d.model].inputs
        self.follow = "TEXT" if "text" in inputs else "IMAGE"
        return context.window_manager.invoke_props_dialog(self, confirm_text="Vary")

    def draw(self, context: bpy.types.Context) -> None:
        layout, settings = self.layout, context.scene.text3d
        layout.use_property_split, layout.use_property_decorate = True, False
        layout.prop(self, "strength")
        if len(MODELS[settings.model].inputs) > 1:
            layout.row(align=True).prop(self, "follow", expand=True)
        if self.follow == "IMAGE":
            layout.prop(settings, "image")
        else:
            layout.prop(self, "prompt")
        layout.prop(self, "count")
        layout.prop(self, "into")

    def execute(self, context: bpy.types.Context) -> set[str]:
        from ..jobs.panel_request import image_path

        try:
            image = image_path(context.scene.text3d) if self.follow == "IMAGE" else ""
        except SubmitError as error:
            return fail(self, error.problem)
        choices = {"vary": round(self.strength, 6), "prompt": self.prompt.strip(), "image": image}
        return run(self, context, encoding_of(context, self.into, results=self.count, **choices))


def words_of(name: str, context: bpy.types.Context) -> str:
    """Return the prompt of a generated object, or an object's name without Blender's number."""
    from .recipe import active_recipe

    target = context.view_layer.objects.active
    recipe = active_recipe(context) if target is not None and target.name == name else None
    prompt = (recipe or {}).get("prompt")
    stem, _, number = name.rpartition(".")
    return prompt if isinstance(prompt, str) else (stem if number.isdigit() else name).replace("_", " ")


class TEXT3D_OT_cancel_capture(bpy.types.Operator):
    """Stop reading the selected objects"""

    bl_idname = "text3d.cancel_capture"
    bl_label = "Cancel"
    bl_options = {"INTERNAL"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return is_met(cls, encode_objects.current() is not None, "No object is being read")

    def execute(self, context: bpy.types.Context) -> set[str]:
        encode_objects.cancel()
        return {"FINISHED"}


CLASSES = (TEXT3D_OT_encode_selected, TEXT3D_OT_vary_object, TEXT3D_OT_cancel_capture)
