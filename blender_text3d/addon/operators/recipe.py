# SPDX-License-Identifier: GPL-3.0-or-later
"""Operators on the recipe stored in a generated object."""

from typing import Any

import bpy

from ...protocol.face_budget import MAX_DIGITS
from ...protocol.models import MODELS
from ...protocol.request import MAX_VIEWS, SETTINGS, STORED_DEFAULTS
from ...protocol.stored_names import from_stored
from ..jobs import from_recipe
from ..jobs.replacement import active_generated
from ..settings.input_kind import IMAGE, TEXT, choose_input
from ..settings.into import INTO_ITEMS, INTO_TEXTS, REPLACE
from ..settings.properties import TEXT3D_Settings, set_panel_value
from ..settings.remote_paths import is_local_absolute
from ..settings.view_settings import put_view_settings
from ..state.count_text import count_text
from ..state.problem import Problem
from .generate import can_start, fail, start
from .poll import is_met


def active_recipe(context: bpy.types.Context) -> dict[str, Any] | None:
    """Return the recipe of the active object, or None."""
    from ...scene.recipe import recipe_of

    return recipe_of(context.view_layer.objects.active)


def has_active_recipe(operator: type[bpy.types.Operator], context: bpy.types.Context) -> bool:
    """Return True if the active object is a generated one, else set the poll message."""
    return is_met(operator, active_recipe(context) is not None, "Requires an active generated object")


def replaced_by(operator: Any) -> bpy.types.Object | None:
    """Return the active object if the operator's result replaces it, or None for a new object."""
    return active_generated() if operator.into == REPLACE else None


class TEXT3D_OT_make_again(bpy.types.Operator):
    """Generate the active object again with the same seed and settings"""

    bl_idname = "text3d.make_again"
    bl_label = "Regenerate"

    into: bpy.props.EnumProperty(items=INTO_ITEMS, default=REPLACE, **INTO_TEXTS)

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return has_active_recipe(cls, context) and can_start(cls)

    def execute(self, context: bpy.types.Context) -> set[str]:
        return start(self, from_recipe.regenerate, active_recipe(context), context.scene, replaced_by(self))


class TEXT3D_OT_decode_again(bpy.types.Operator):
    """Rebuild the mesh at a higher resolution. Fast, keeps the shape"""

    bl_idname = "text3d.decode_again"
    bl_label = "Refine"

    grid: bpy.props.IntProperty(
        name="Resolution", description="Samples along each side of the cube the surface is extracted from",
        default=256, min=8, max=512,
    )  # fmt: skip
    views: bpy.props.IntProperty(
        name="Turntable Images", description="Images all around the object, saved in the folder of its job",
        default=0, min=0, max=MAX_VIEWS,
    )  # fmt: skip
    into: bpy.props.EnumProperty(items=INTO_ITEMS, default=REPLACE, **INTO_TEXTS)

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        recipe = active_recipe(context) if has_active_recipe(cls, context) else None
        model = MODELS.get(str(recipe.get("model"))) if recipe else None
        if model is None:
            return False
        message = f"{model.label} objects cannot be refined, only Shap-E objects can"
        return is_met(cls, model.has_latent, message) and can_start(cls)

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        return context.window_manager.invoke_props_dialog(self, title="Refine", confirm_text="Refine")

    def draw(self, context: bpy.types.Context) -> None:
        self.layout.prop(self, "grid")
        faces = expected_faces(context.view_layer.objects.active, active_recipe(context) or {}, self.grid)
        if faces:
            self.layout.label(text=f"About {count_text(faces)} faces", icon="INFO")

    def execute(self, context: bpy.types.Context) -> set[str]:
        grid, into = self.grid, replaced_by(self)
        return start(self, from_recipe.refine, active_recipe(context), context.scene, grid, into, self.views)


def expected_faces(target: bpy.types.Object, recipe: dict[str, Any], grid: int) -> int:
    """Return the number of faces to expect on another grid, or 0 if unknown.

    It grows with the square of the grid, up to the number that the recipe gives.
    """
    faces = len(target.data.polygons) if isinstance(target.data, bpy.types.Mesh) else 0
    before, budget = recipe.get("grid"), str(recipe.get("face_budget"))
    expected = round(faces * (grid / before) ** 2) if isinstance(before, int) and before > 0 else 0
    return min(expected, int(budget[:MAX_DIGITS])) if budget.isascii() and budget.isdigit() else expected


class TEXT3D_OT_use_settings(bpy.types.Operator):
    """Copy the prompt and settings of the active object to the panel"""

    bl_idname = "text3d.use_settings"
    bl_label = "Copy Settings to Panel"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return has_active_recipe(cls, context)

    def execute(self, context: bpy.types.Context) -> set[str]:
        recipe = active_recipe(context)
        try:
            copy_to_panel(recipe, context.scene.text3d)
            report_blend(self, recipe)
        except (TypeError, ValueError, AttributeError, OverflowError) as error:
            return fail(self, Problem(f"The settings of this object do not fit the panel of this version ({error})."))
        return {"FINISHED"}


def report_blend(operator: bpy.types.Operator, recipe: dict[str, Any]) -> None:
    """Say that the panel has no settings for the second object of a blend."""
    if recipe.get("blend_prompt"):
        operator.report({"WARNING"}, "The object is a blend. The panel has the settings of its first object only")


def copy_to_panel(recipe: dict[str, Any], settings: TEXT3D_Settings) -> None:
    """Copy every value the panel has; sampling that differs from the quality preset turns on custom sampling."""
    values = STORED_DEFAULTS | from_stored(recipe)
    if "seed" in recipe:
        settings.seed = recipe["seed"]
    copy_input(recipe, settings)
    for name, setting in SETTINGS.items():
        if setting.property and name != "device" and values[name] is not None:
            set_panel_value(settings, name, values[name])
    put_view_settings(settings, values)
    settings.has_random_seed = settings.has_real_size = False
    settings.count = 1
    preset = MODELS[settings.model].qualities[settings.quality]
    settings.has_own_sampling = any(values[name] not in (None, value) for name, value in preset._asdict().items())


def copy_input(recipe: dict[str, Any], settings: TEXT3D_Settings) -> None:
    """Copy the image and turn the switch to Image, or the prompt and turn it to Text."""
    image = recipe.get("image")
    if image and is_local_absolute(image):
        settings.image = image
        choose_input(settings, IMAGE)
    elif "prompt" in recipe:
        settings.prompt = recipe["prompt"]
        choose_input(settings, TEXT)


CLASSES = (TEXT3D_OT_make_again, TEXT3D_OT_decode_again, TEXT3D_OT_use_settings)
