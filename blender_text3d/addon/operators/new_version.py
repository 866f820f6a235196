# SPDX-License-Identifier: GPL-3.0-or-later
"""Operators that regenerate the active object with a different seed, noise or prompt."""

import random
from typing import Any

import bpy

from ...protocol.job_recipe import is_copy
from ...protocol.models import MODELS
from ...protocol.request import MAX_RESULTS, SEEDS
from ..jobs import submit
from ..settings.into import INTO_ITEMS, INTO_TEXTS, REPLACE
from .generate import can_start, start
from .poll import is_met
from .recipe import active_recipe, has_active_recipe, replaced_by

SAMPLED_ANEW: dict[str, Any] = {"latent": ""}
"""A refined object's recipe names a latent to decode, which would give the same shape again."""
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
        changes = SAMPLED_ANEW | submit.NOT_VARIED | {"seed": random.randrange(SEEDS), "count": self.count}
        return start(self, regenerate_active, context, replaced_by(self), changes)


class TEXT3D_OT_vary(bpy.types.Operator):
    """Generate objects similar to the active one, by blending other noise into that of its seed"""

    bl_idname = "text3d.vary"
    bl_label = "Vary"

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
        return context.window_manager.invoke_props_dialog(self, confirm_text="Vary")

    def execute(self, context: bpy.types.Context) -> set[str]:
        changes = variation_changes(active_recipe(context), round(self.strength, 6)) | {"count": self.count}
        return start(self, regenerate_active, context, replaced_by(self), changes)


def variation_changes(recipe: dict[str, Any], strength: float) -> dict[str, Any]:
    """Return the settings of a variation of an object, which may be a variation itself."""
    earlier = [str(recipe.get("earlier_variations", ""))]
    if last := recipe.get("variation_strength"):
        earlier.append(f"{recipe.get('variation_seed')}:{strength_text(last)}")
    return SAMPLED_ANEW | {
        "earlier_variations": ",".join(filter(None, earlier)),
        "variation_seed": random.randrange(SEEDS),
        "variation_strength": strength,
    }


def strength_text(strength: Any) -> str:
    """Return a strength as the list of earlier variations has it, without an exponent."""
    return f"{strength:.6f}".rstrip("0").rstrip(".") if isinstance(strength, int | float) else str(strength)


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
        changes = SAMPLED_ANEW | {"image": "", "prompt": self.prompt}
        return start(self, regenerate_active, context, replaced_by(self), changes)


def regenerate_active(
    context: bpy.types.Context, into: bpy.types.Object | None, changes: dict[str, Any]
) -> list[submit.ActiveJob]:
    """Queue the active object with some settings changed.

    Raises:
        SubmitError: The recipe is invalid, or no job could be queued.
    """
    return submit.regenerate(active_recipe(context), context.scene, into, **changes)


CLASSES = (TEXT3D_OT_new_seed, TEXT3D_OT_vary, TEXT3D_OT_edit_prompt)
