# SPDX-License-Identifier: GPL-3.0-or-later
"""Operators that separate the selected meshes into named parts, and join them again."""

from typing import Any

import bpy

from .bake import busy_cursor
from .mesh_tools import MeshOperator, done_text
from .surface import prompt_of

COLOR, LOOSE = "COLOR", "LOOSE"
BY_ITEMS = (
    (COLOR, "Color", "A part for each region of one color"),
    (LOOSE, "Loose Parts", "A part for each piece that is not connected to others"),
)
OBJECTS, GROUPS = "OBJECTS", "VERTEX_GROUPS"
INTO_ITEMS = (
    (OBJECTS, "Objects", "Each part becomes an object, parented to the largest one"),
    (GROUPS, "Vertex Groups", "The mesh stays one, and each part becomes a vertex group"),
)


class TEXT3D_OT_separate_parts(MeshOperator, bpy.types.Operator):
    """Separate the selected meshes into parts, named after the words of their prompts or their colors"""

    bl_idname = "text3d.separate_parts"
    bl_label = "Separate Parts"

    by: bpy.props.EnumProperty(name="By", description="What makes a part", items=BY_ITEMS)
    into: bpy.props.EnumProperty(name="Into", description="What the parts become", items=INTO_ITEMS)
    smallest: bpy.props.FloatProperty(
        name="Smallest", description="Share of the surface that a color has at least to be a part of its own",
        subtype="PERCENTAGE", default=1.0, min=0.0, max=50.0, precision=1,
    )  # fmt: skip

    def draw(self, context: bpy.types.Context) -> None:
        layout = self.layout
        layout.use_property_split = True
        layout.prop(self, "by")
        layout.prop(self, "into")
        if self.by == COLOR:
            layout.prop(self, "smallest")

    def execute(self, context: bpy.types.Context) -> set[str]:
        from ...scene.mesh_selection import selected_objects, sort_out
        from ...scene.parts import reason_not_to_group, reason_not_to_separate

        reason_of = reason_not_to_separate if self.into == OBJECTS else reason_not_to_group
        targets, skipped = sort_out(
            selected_objects(context.view_layer), lambda item: reason_of(item, by_color=self.by == COLOR)
        )
        done = 0
        with busy_cursor(context):
            for target in targets:
                if self.separate(target):
                    done += 1
                else:
                    skipped[target.name] = "of one color" if self.by == COLOR else "in one piece"
        return self.finish(done_text("Separated", done), skipped)

    def separate(self, target: Any) -> bool:
        """Separate one object; False if it has one part only."""
        from ...scene.parts import add_groups, color_parts, loose_parts, separate

        data = target.data
        labels = color_parts(data, self.smallest / 100) if self.by == COLOR else loose_parts(data)
        if not labels.max():
            return False
        names = names_of_parts(target, labels)
        if self.into == OBJECTS:
            separate(target, labels, names)
        else:
            add_groups(target, labels, names)
        return True


def names_of_parts(target: bpy.types.Object, labels: Any) -> list[str]:
    """Return a name for each part, by the words of the object's prompt, or by its color; without colors, its own."""
    from ...prompts.part_names import part_names
    from ...scene.bake import color_name
    from ...scene.color_names import region_names
    from ...scene.parts import mean_colors
    from ...scene.recipe import recipe_of

    recipe = recipe_of(target)
    main, by_color = part_names(prompt_of(recipe), str((recipe or {}).get("model") or ""))
    if not color_name(target.data):
        return [main or target.name] * (int(labels.max()) + 1)
    return region_names(mean_colors(target.data, labels), by_color, main)


class TEXT3D_OT_join_parts(MeshOperator, bpy.types.Operator):
    """Join the parts of the selected objects again, as they are placed now"""

    bl_idname = "text3d.join_parts"
    bl_label = "Join Parts"

    def execute(self, context: bpy.types.Context) -> set[str]:
        from ...scene.join_parts import JoinError, join_parts, wholes_of
        from ...scene.mesh_selection import selected_objects

        wholes, done = wholes_of(selected_objects(context.view_layer)), 0
        for whole in wholes:
            try:
                join_parts(whole)
                done += 1
            except JoinError as error:
                self.report({"WARNING"} if done else {"ERROR"}, str(error))
        if not wholes:
            self.report({"ERROR"}, "No selected object was separated into parts.")
        elif done:
            self.report({"INFO"}, done_text("Joined the parts of", done))
        return {"FINISHED"} if done else {"CANCELLED"}


CLASSES = (TEXT3D_OT_separate_parts, TEXT3D_OT_join_parts)
