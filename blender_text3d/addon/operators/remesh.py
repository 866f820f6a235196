# SPDX-License-Identifier: GPL-3.0-or-later
"""Operators that give the selected meshes new faces, or repair those they have."""

from typing import TYPE_CHECKING

import bpy

from .bake import busy_cursor
from .mesh_tools import MeshOperator, done_text

if TYPE_CHECKING:
    from ...scene.mesh_defects import MeshDefects

KIND_ITEMS = (
    ("TRIANGLES", "Triangles", "Even triangles, in one to three seconds"),
    ("QUADS", "Quads", "Quads that follow the shape, by Blender's QuadriFlow, in several seconds"),
)
KEEP_OLD = bpy.props.BoolProperty(
    name="Keep as Version", description="Keep the old mesh of a generated object as a version", default=True
)


class TEXT3D_OT_remesh(MeshOperator, bpy.types.Operator):
    """Give the selected meshes even faces. Colors, materials and vertex groups are carried over, UV maps are dropped"""

    bl_idname = "text3d.remesh"
    bl_label = "Remesh"

    kind: bpy.props.EnumProperty(name="Type", description="Type of the new faces", items=KIND_ITEMS)
    faces: bpy.props.IntProperty(
        name="Faces", description="Faces of each mesh, about. At most 20,000 quads", default=3000, min=0,
        max=200_000, soft_min=100, soft_max=20_000,
    )  # fmt: skip
    keep_old: KEEP_OLD

    def execute(self, context: bpy.types.Context) -> set[str]:
        from ...scene.mesh_selection import reason_to_keep_mesh, selected_objects, sort_out
        from ...scene.remesh_objects import remesh_objects

        targets, skipped = sort_out(selected_objects(context.view_layer), reason_to_keep_mesh)
        with busy_cursor(context):
            result = remesh_objects(targets, self.kind, self.faces, self.keep_old)
        done = f"{done_text('Remeshed', len(result.objects))} to {result.faces:,} faces" if result.objects else ""
        if result.had_uv_maps:
            done += ". UV maps were dropped: unwrap or bake again"
        return self.finish(done, skipped | result.skipped)


class TEXT3D_OT_fix_mesh(MeshOperator, bpy.types.Operator):
    """Repair the selected meshes: holes, non-manifold edges, flipped faces, loose bits. Tells what it found and left"""

    bl_idname = "text3d.fix_mesh"
    bl_label = "Fix Mesh"

    holes: bpy.props.BoolProperty(name="Fill Holes", description="Close boundaries by triangles", default=True)
    max_hole_edges: bpy.props.IntProperty(
        name="Edges", description="Edges of the largest hole that is filled; 0 for all", default=0, min=0, soft_max=100
    )
    non_manifold: bpy.props.BoolProperty(
        name="Non-Manifold Edges", default=True,
        description="Remove inner walls, fins and duplicate faces, and separate bodies that touch at an edge",
    )  # fmt: skip
    normals: bpy.props.BoolProperty(
        name="Flipped Faces",
        description="Turn faces unlike their neighbors, and closed parts outward",
        default=True,
    )
    loose: bpy.props.BoolProperty(
        name="Loose Geometry", default=True,
        description="Remove vertices and edges without a face, and faces without area; merge duplicate vertices",
    )  # fmt: skip
    small_parts: bpy.props.FloatProperty(
        name="Small Parts", description="Remove loose parts with less than this share of the area of the largest one",
        subtype="PERCENTAGE", default=0.1, min=0.0, max=50.0, soft_max=10.0, precision=2,
    )  # fmt: skip
    keep_old: KEEP_OLD

    def execute(self, context: bpy.types.Context) -> set[str]:
        from ...scene.mesh_fixes import Fixes
        from ...scene.mesh_selection import reason_to_keep_faces, selected_objects, sort_out
        from ...scene.remesh_objects import fix_objects

        targets, skipped = sort_out(selected_objects(context.view_layer), reason_to_keep_faces)
        fixes = Fixes(
            self.holes, self.max_hole_edges, self.non_manifold, self.normals, self.loose, self.small_parts / 100
        )
        with busy_cursor(context):
            fixed = fix_objects(targets, fixes, self.keep_old)
        changes = defects_text(fixed.before, fixed.after)
        if targets and not fixed.objects and not fixed.skipped:
            self.report({"INFO"}, f"Nothing to fix{': ' if changes else ''}{changes}")
            return {"FINISHED"}
        done = f"{done_text('Fixed', len(fixed.objects))}: {changes}" if fixed.objects else ""
        return self.finish(done, skipped | fixed.skipped)


def defects_text(before: "MeshDefects", after: "MeshDefects") -> str:
    """Return the number of each defect before and after; "" without defects."""
    changes = zip(before._fields, before, after, strict=True)
    return ", ".join(f"{name.replace('_', ' ')} {found:,} → {left:,}" for name, found, left in changes if found or left)


CLASSES = (TEXT3D_OT_remesh, TEXT3D_OT_fix_mesh)
