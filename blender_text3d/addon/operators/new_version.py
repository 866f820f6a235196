# SPDX-License-Identifier: GPL-3.0-or-later
"""Operators that regenerate the active object with a different seed, noise or prompt."""

import random
from typing import Any

import bpy

from ...protocol.job_recipe import is_copy
from ...protocol.models import MODELS
from ...protocol.request import MAX_RESULTS, SEEDS
from ..jobs import from_recipe, panel_request, submit
from ..settings.into import INTO_ITEMS, INTO_TEXTS, REPLACE
from ..state.variation import CUSTOM, NOT_BLENDED, SAMPLED_ANEW, STRENGTHS, STRONG, SUBTLE, variation_changes
from .generate import can_start, start
from .poll import is_met
from .recipe import active_recipe, has_active_recipe, replaced_by

STRENGTH_ITEMS = (
    (SUBTLE, "Subtle", "Keep the object and change details", 0),
    (STRONG, "Strong", "Keep what it is and change its shape", 1),
    (CUSTOM, "Custom", "Choose the strength", 2),
)
COUNT_TEXTS = {"name": "Variations", "description": "Number of objects or versions to generate"}


def active_model(context: bpy.types.Context) -> Any:
    """Return the model of the active object's recipe, or None."""
    return MODELS.get(str((active_recipe(context) or {}).get("model")))


def can_sample(operator: Any, context: bpy.types.Context) -> bool:
    """Return True if the active object was sampled; a copy of an object has no noise, seed or prompt to change."""
    is_sampled = not is_copy(active_recipe(context) or {})
    return is_met(operator, is_sampled, "This is a copy of an object. Use Vary My Object") and can_start(operator)


class TEXT3D_OT_new_seed(bpy.types.Operator):
    """Generate the active object with another seed"""

    bl_idname = "text3d.new_seed"
    bl_label = "New Seed"

    count: bpy.props.IntProperty(default=1, min=1, max=MAX_RESULTS, soft_max=10, **COUNT_TEXTS)
    into: bpy.props.EnumProperty(items=INTO_ITEMS, default=REPLACE, **INTO_TEXTS)

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return has_active_recipe(cls, context) and can_sample(cls, context)

    def execute(self, context: bpy.types.Context) -> set[str]:
        changes = SAMPLED_ANEW | panel_request.NOT_VARIED | {"seed": random.randrange(SEEDS), "count": self.count}
        return start(self, regenerate_active, context, replaced_by(self), changes)


class TEXT3D_OT_vary(bpy.types.Operator):
    """Generate objects similar to the active one, by blending other noise into that of its seed"""

    bl_idname = "text3d.vary"
    bl_label = "Vary"

    preset: bpy.props.EnumProperty(
        name="Difference", description="Difference from the active object", items=STRENGTH_ITEMS, default=CUSTOM
    )
    strength: bpy.props.FloatProperty(
        name="Strength", description="Difference from the active object: at 0.1 details, at 0.5 another shape",
        default=0.3, min=0.0, max=1.0, subtype="FACTOR", precision=2,
    )  # fmt: skip
    count: bpy.props.IntProperty(default=1, min=1, max=MAX_RESULTS, soft_max=10, **COUNT_TEXTS)
    into: bpy.props.EnumProperty(items=INTO_ITEMS, default=REPLACE, **INTO_TEXTS)

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        model = active_model(context) if has_active_recipe(cls, context) else None
        if model is None:
            return False
        message = f"{model.label} does not support variations"
        return is_met(cls, model.has_variations, message) and can_sample(cls, context)

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        if not (self.properties.is_property_set("preset") or self.properties.is_property_set("strength")):
            self.preset = SUBTLE
        return context.window_manager.invoke_props_dialog(self, confirm_text="Vary")

    def draw(self, context: bpy.types.Context) -> None:
        layout = self.layout
        layout.use_property_split, layout.use_property_decorate = True, False
        layout.row().prop(self, "preset", expand=True)
        if self.preset == CUSTOM:
            layout.prop(self, "strength")
        layout.prop(self, "count")
        layout.prop(self, "into")

    def execute(self, context: bpy.types.Context) -> set[str]:
        strength = STRENGTHS.get(self.preset, round(self.strength, 6))
        changes = variation_changes(active_recipe(context), strength) | {"count": self.count}
        return start(self, regenerate_active, context, replaced_by(self), changes)


class TEXT3D_OT_edit_prompt(bpy.types.Operator):
    """Generate the active object from another prompt, with the same seed"""

    bl_idname = "text3d.edit_prompt"
    bl_label = "Edit Prompt"

    prompt: bpy.props.StringProperty(
        name="Prompt", description="Describe the object in a few English words", options={"SKIP_SAVE"}
    )
    into: bpy.props.EnumProperty(items=INTO_ITEMS, default=REPLACE, **INTO_TEXTS)

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        model = active_model(context) if has_active_recipe(cls, context) else None
        if model is None:
            return False
        return is_met(cls, "text" in model.inputs, f"{model.label} does not take a prompt") and can_sample(cls, context)

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        self.prompt = str(active_recipe(context).get("prompt", ""))
        return context.window_manager.invoke_props_dialog(self, confirm_text="Generate")

    def draw(self, context: bpy.types.Context) -> None:
        layout = self.layout
        field = layout.row()
        field.activate_init = True  # the user types at once; Blender ignores it in a layout that splits properties
        field.prop(self, "prompt", text="")
        settings = layout.column()
        settings.use_property_split, settings.use_property_decorate = True, False
        settings.prop(self, "into")

    def execute(self, context: bpy.types.Context) -> set[str]:
        changes = SAMPLED_ANEW | NOT_BLENDED | {"image": "", "prompt": self.prompt}
        return start(self, regenerate_active, context, replaced_by(self), changes)


def regenerate_active(
    context: bpy.types.Context, into: bpy.types.Object | None, changes: dict[str, Any]
) -> list[submit.ActiveJob]:
    """Queue the active object with some settings changed.

    Raises:
        SubmitError: The recipe is invalid, or no job could be queued.
    """
    return from_recipe.regenerate(active_recipe(context), context.scene, into, **changes)


CLASSES = (TEXT3D_OT_new_seed, TEXT3D_OT_vary, TEXT3D_OT_edit_prompt)
