# SPDX-License-Identifier: GPL-3.0-or-later
"""The operator that makes levels of detail of the selected objects."""

import bpy

from .bake import busy_cursor
from .mesh_tools import MeshOperator


class TEXT3D_OT_make_lods(MeshOperator, bpy.types.Operator):
    """Make objects with fewer faces of the selected ones, named NAME_LOD0, NAME_LOD1 and so on for game engines"""

    bl_idname = "text3d.make_lods"
    bl_label = "Make LODs"

    levels: bpy.props.IntProperty(
        name="Levels", description="Number of levels below LOD0, which has all faces", default=3, min=1, max=5
    )
    factor: bpy.props.FloatProperty(
        name="Factor", description="Share of the faces that each level keeps", subtype="FACTOR", default=0.5,
        min=0.05, max=0.95,
    )  # fmt: skip
    in_row: bpy.props.BoolProperty(
        name="In a Row", description="Line up the levels next to the object instead of hiding them in its place"
    )
    in_collection: bpy.props.BoolProperty(
        name="Collection",
        description="Put the levels into a collection named after the object",
        default=True,
    )

    def execute(self, context: bpy.types.Context) -> set[str]:
        from ...scene.lods import Lods, make_lods, reason_without_lods
        from ...scene.mesh_selection import selected_objects, sort_out

        targets, skipped = sort_out(selected_objects(context.view_layer), reason_without_lods)
        lods = Lods(self.levels, self.factor, self.in_row, self.in_collection)
        with busy_cursor(context):
            made = {target.name: make_lods(target, lods) for target in targets}
        return self.finish(lods_text(made), skipped)


def lods_text(made: dict[str, list[bpy.types.Object]]) -> str:
    """Return which levels were made; "" for none."""
    counts = [f"{len(level.data.polygons):,}" for levels in made.values() for level in levels]
    if len(made) == 1:
        return f"Made {len(counts)} levels: {', '.join(counts)} faces"
    return f"Made {len(counts)} levels of {len(made)} objects" if made else ""


CLASSES = (TEXT3D_OT_make_lods,)
