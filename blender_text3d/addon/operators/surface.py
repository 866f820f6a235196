# SPDX-License-Identifier: GPL-3.0-or-later
"""The operator on the materials of the selected meshes: by words, one for each, or one for all."""

from collections.abc import Sequence
from typing import Any

import bpy

from .mesh_tools import MeshOperator, done_text

WORDS, SINGLE, SHARE = "WORDS", "SINGLE", "SHARE"
ACTIONS = (
    (WORDS, "Apply Material Words", "Make the objects metallic, rough or clear as their prompts say"),
    (SINGLE, "Single User Material", "Give each object a material of its own, named after it"),
    (SHARE, "Share Material", "Give all objects the material of the active one; each keeps its colors"),
)


class TEXT3D_OT_set_material(MeshOperator, bpy.types.Operator):
    """Change the materials of the selected meshes"""

    bl_idname = "text3d.set_material"
    bl_label = "Set Material"

    action: bpy.props.EnumProperty(name="Action", description="Change to make", items=ACTIONS)
    words: bpy.props.StringProperty(
        name="Words", description="Words such as gold, glossy wood or matte plastic. Empty: those of the prompt"
    )

    @classmethod
    def description(cls, context: bpy.types.Context, properties: Any) -> str:
        return next(text for name, _, text in ACTIONS if name == properties.action)

    def draw(self, context: bpy.types.Context) -> None:
        self.layout.use_property_split = True
        self.layout.prop(self, "action")
        if self.action == WORDS:
            self.layout.prop(self, "words")

    def execute(self, context: bpy.types.Context) -> set[str]:
        from ...scene.mesh_selection import selected_objects

        targets = selected_objects(context.view_layer)
        if self.action == WORDS:
            return self.apply_words(targets)
        return self.make_single(targets) if self.action == SINGLE else self.share(targets, context)

    def apply_words(self, targets: Sequence[bpy.types.Object]) -> set[str]:
        """Apply the words of the operator or of each object's prompt."""
        from ...prompts.materials import material_look
        from ...scene.mesh_selection import sort_out
        from ...scene.object_materials import apply_look, reason_not_to_look
        from ...scene.recipe import recipe_of

        looks = {item.name: material_look(self.words or prompt_of(recipe_of(item))) for item in targets}

        def reason(item: bpy.types.Object) -> str:
            return reason_not_to_look(item) or ("" if looks[item.name] else "without a word for a material")

        fitting, skipped = sort_out(targets, reason)
        for item in fitting:
            apply_look(item, tuple(looks[item.name] or ()))
        return self.finish(done_text("Set the material of", len(fitting)), skipped)

    def make_single(self, targets: Sequence[bpy.types.Object]) -> set[str]:
        """Give each object materials of its own."""
        from ...scene.mesh_selection import sort_out
        from ...scene.object_materials import make_single_user, reason_to_keep_materials, shows_its_own_name

        fitting, skipped = sort_out(targets, reason_to_keep_materials)
        fitting.sort(key=shows_its_own_name)  # the last one keeps a material that they share
        changed = [item for item in fitting if make_single_user(item)]
        return self.finish(done_text("Set the material of", len(changed)), skipped)

    def share(self, targets: Sequence[bpy.types.Object], context: bpy.types.Context) -> set[str]:
        """Give the objects the material of the active one."""
        from ...scene.mesh_selection import sort_out
        from ...scene.object_materials import reason_not_to_share, share_material, shared_material

        active = context.view_layer.objects.active
        material = shared_material(active) if active else None
        if material is None:
            text = "The material of the active object shows no color attribute; a texture fits one object only."
            self.report({"ERROR"}, f"{text} Make another object active.")
            return {"CANCELLED"}
        fitting, skipped = sort_out(targets, reason_not_to_share)
        changed = [item for item in fitting if share_material(item, material)]
        return self.finish(done_text("Set the material of", len(changed)), skipped)


def prompt_of(recipe: dict[str, Any] | None) -> str:
    """Return the prompt of a recipe, or ""."""
    prompt = recipe.get("prompt") if recipe else None
    return prompt if isinstance(prompt, str) else ""


CLASSES = (TEXT3D_OT_set_material,)
