# SPDX-License-Identifier: GPL-3.0-or-later
"""Operators on the active and the selected meshes, generated or not: number of faces, smoothing."""

from collections.abc import Callable
from typing import Any

import bpy

from .bake import busy_cursor
from .poll import is_in_object_mode, is_met

MAX_FACES = 10_000_000
BY_ITEMS = (
    ("CURRENT", "Current", "Leave each mesh as many faces as it shows"),
    ("COUNT", "Number", "Leave each mesh the same number of faces"),
    ("SHARE", "Share", "Leave each mesh the same share of its faces"),
)


class MeshOperator:
    """Base of the operators on meshes: those that cannot be changed are named in one sentence, the others go on."""

    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls: Any, context: bpy.types.Context) -> bool:
        has_object = bool(context.selected_objects) or context.view_layer.objects.active is not None
        return is_in_object_mode(cls, context) and is_met(cls, has_object, "Requires a selected object")

    def finish(self: Any, done: str, skipped: dict[str, str]) -> set[str]:
        """Report what was done and which objects were skipped.

        Args:
            done: One sentence without its period; "" if nothing was.
            skipped: Why an object was skipped, by its name.
        """
        from ...scene.mesh_selection import skipped_text

        if skipped:
            self.report({"WARNING"} if done else {"ERROR"}, skipped_text(skipped))
        if done:
            self.report({"INFO"}, done)
        elif not skipped:
            self.report({"INFO"}, "Nothing to change")
        return {"FINISHED"} if done else {"CANCELLED"}


class TEXT3D_OT_set_faces(MeshOperator, bpy.types.Operator):
    """Set the number of faces of the selected meshes by a Decimate modifier, which can be changed at any time"""

    bl_idname = "text3d.set_faces"
    bl_label = "Set Faces"

    by: bpy.props.EnumProperty(name="By", description="What the meshes have in common", items=BY_ITEMS, default="COUNT")
    faces: bpy.props.IntProperty(
        name="Faces", description="Triangles of each mesh", default=5000, min=0, max=MAX_FACES, soft_max=100_000
    )
    share: bpy.props.FloatProperty(
        name="Share", description="Share of the triangles of each mesh", subtype="PERCENTAGE", default=50.0, min=0.0,
        max=100.0, precision=1,
    )  # fmt: skip
    is_applied: bpy.props.BoolProperty(
        name="Apply", description="Remove the faces for good. A generated object keeps its full mesh as a version"
    )

    def draw(self, context: bpy.types.Context) -> None:
        layout = self.layout
        layout.use_property_split = True
        layout.prop(self, "by")
        if self.by != "CURRENT":
            layout.prop(self, {"COUNT": "faces", "SHARE": "share"}[self.by])
        layout.prop(self, "is_applied")

    def execute(self, context: bpy.types.Context) -> set[str]:
        from ...scene.apply_modifiers import apply_decimate
        from ...scene.decimate import set_face_limit, triangle_count
        from ...scene.mesh_selection import reason_to_keep_mesh, reason_without_modifiers, selected_objects, sort_out

        reason_of: Callable = reason_to_keep_mesh if self.is_applied else reason_without_modifiers
        targets, skipped = sort_out(selected_objects(context.view_layer), reason_of)
        for target in targets if self.by != "CURRENT" else ():
            share = self.share / 100 * triangle_count(target.data)
            set_face_limit(target, self.faces if self.by == "COUNT" else share)
        if self.is_applied:
            with busy_cursor(context):
                targets, failed = apply_decimate(targets)
            skipped |= failed
        return self.finish(done_text("Set the faces of", len(targets)), skipped)


class TEXT3D_OT_smooth(MeshOperator, bpy.types.Operator):
    """Smooth the selected meshes by a modifier that keeps their volume, and can be changed at any time"""

    bl_idname = "text3d.smooth"
    bl_label = "Smooth"

    iterations: bpy.props.IntProperty(
        name="Iterations", description="Distance in vertices over which bumps disappear; 0 removes the modifier",
        default=4, min=0, max=100, soft_max=20,
    )  # fmt: skip
    strength: bpy.props.FloatProperty(
        name="Strength",
        description="Weight of the neighbors of a vertex",
        subtype="FACTOR",
        default=0.5,
        min=0.0,
        max=1.0,
    )
    is_applied: bpy.props.BoolProperty(
        name="Apply", description="Smooth the mesh for good. A generated object keeps its old mesh as a version"
    )

    def execute(self, context: bpy.types.Context) -> set[str]:
        from ...scene.apply_modifiers import apply_smooth
        from ...scene.mesh_selection import reason_to_keep_mesh, reason_without_modifiers, selected_objects, sort_out
        from ...scene.smooth import set_smooth

        reason_of: Callable = reason_to_keep_mesh if self.is_applied else reason_without_modifiers
        targets, skipped = sort_out(selected_objects(context.view_layer), reason_of)
        for target in targets:
            set_smooth(target, self.iterations, self.strength)
        if self.is_applied:
            with busy_cursor(context):
                targets, failed = apply_smooth(targets)
            skipped |= failed
        return self.finish(done_text("Smoothed", len(targets)), skipped)


def done_text(verb: str, count: int) -> str:
    """Return what was done to how many objects, or "" for none."""
    return f"{verb} {count:,} {'object' if count == 1 else 'objects'}" if count else ""


CLASSES = (TEXT3D_OT_set_faces, TEXT3D_OT_smooth)
