# SPDX-License-Identifier: GPL-3.0-or-later
"""Operators on the recipe that an object remembers."""

from typing import Any

import bpy

from ...protocol.models import MODELS
from ..jobs import submit
from ..state.problem import Problem
from .generate import fail, start


def active_recipe(context: bpy.types.Context) -> dict[str, Any] | None:
    """The recipe of the active object, if it has one."""
    from ...scene.recipe import recipe_of

    return recipe_of(context.view_layer.objects.active)


class TEXT3D_OT_make_again(bpy.types.Operator):
    """Make the active object again from what it remembers: same recipe, same object"""

    bl_idname = "text3d.make_again"
    bl_label = "Make Again"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return active_recipe(context) is not None

    def execute(self, context: bpy.types.Context) -> set[str]:
        return start(self, lambda: submit.make_again(active_recipe(context), context.scene))


class TEXT3D_OT_decode_again(bpy.types.Operator):
    """Make the active object again on another grid from the latent that was kept: quick, and the same object"""

    bl_idname = "text3d.decode_again"
    bl_label = "Refine"

    grid: bpy.props.IntProperty(
        name="Grid", description="Points along one side of the cube that the surface is read from",
        default=256, min=8, max=512,
    )  # fmt: skip

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        recipe = active_recipe(context)
        model = MODELS.get(str(recipe.get("model"))) if recipe else None
        if model is not None and not model.has_latent:
            cls.poll_message_set(f"{model.label} keeps no latent that could be decoded again: only Shap-E does")
        return model is not None and model.has_latent

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        return context.window_manager.invoke_props_dialog(self)

    def execute(self, context: bpy.types.Context) -> set[str]:
        return start(self, lambda: submit.decode_again(active_recipe(context), context.scene, self.grid))


class TEXT3D_OT_use_settings(bpy.types.Operator):
    """Copy what the active object was made with into the panel, to change it there"""

    bl_idname = "text3d.use_settings"
    bl_label = "Use These Settings"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return active_recipe(context) is not None

    def execute(self, context: bpy.types.Context) -> set[str]:
        recipe = active_recipe(context)
        try:
            copy_to_panel(recipe, context.scene.text3d)
        except (TypeError, ValueError, AttributeError, OverflowError) as error:
            return fail(self, Problem(f"The object's recipe cannot be shown in this version's panel ({error})."))
        return {"FINISHED"}


def copy_to_panel(recipe: dict[str, Any], settings: bpy.types.PropertyGroup) -> None:
    """Every value the panel has a place for; sampling that differs from the quality's own is kept too."""
    names = ("prompt", "model", "quality", "outputs", "size_m", "seed", "steps", "guidance", "grid")
    for name in names:
        if name in recipe:
            setattr(settings, name, recipe[name])
    settings.turn = str(recipe.get("turn_deg", 0))
    settings.most_faces = recipe.get("most_faces", 0)
    settings.has_random_seed = False
    settings.count = 1
    usual = MODELS[settings.model].qualities[settings.quality]
    settings.has_own_sampling = any(recipe.get(name, value) != value for name, value in vars(usual).items())


CLASSES = (TEXT3D_OT_make_again, TEXT3D_OT_decode_again, TEXT3D_OT_use_settings)
