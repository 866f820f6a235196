# SPDX-License-Identifier: GPL-3.0-or-later
"""The mesh report of the active object, as text, and the operator that updates it."""

from typing import TYPE_CHECKING

import bpy

from .poll import is_in_object_mode
from .recipe import active_recipe

if TYPE_CHECKING:
    from ...scene.mesh_report import MeshReport

WATERTIGHT = "Watertight"
DEFECTS = (
    ("holes", "hole", "holes"),
    ("open_edges", "open edge", "open edges"),
    ("crowded_edges", "non-manifold edge", "non-manifold edges"),
    ("twisted_edges", "flipped edge", "flipped edges"),
)


def watertight_text(report: "MeshReport") -> str:
    """Return "Yes", or "No" with the defects that keep a mesh from being watertight."""
    if report.is_closed:
        return "Yes"
    counts = [(getattr(report, name), one, many) for name, one, many in DEFECTS]
    defects = [f"{count:,} {one if count == 1 else many}" for count, one, many in counts if count]
    return f"No: {', '.join(defects) or 'no faces'}"


def mesh_report_lines(target: bpy.types.Object) -> list[tuple[str, str]]:
    """Return labels and values of the last report; empty if there is none."""
    from ...scene.mesh_report import report_of

    report = report_of(target.data)
    if report is None:
        return []
    if (report.vertices, report.faces) != (len(target.data.vertices), len(target.data.polygons)):
        return [("Faces", f"{len(target.data.polygons):,}"), (WATERTIGHT, "Out of date")]
    return [
        ("Faces", face_count_text(target)),
        ("Loose Parts", f"{report.parts:,}"),
        (WATERTIGHT, watertight_text(report)),
    ]


def face_count_text(target: bpy.types.Object) -> str:
    """Return the number of faces, and how many the add-on's Decimate modifier shows."""
    from ...scene.decimate import faces_shown

    shown, faces = faces_shown(target), len(target.data.polygons)
    return f"{faces:,}" if shown is None else f"{shown:,} of {faces:,} shown"


class TEXT3D_OT_check_mesh(bpy.types.Operator):
    """Count faces, loose parts and open edges of the active mesh, without its modifiers.

    3D printing needs a watertight mesh. In Edit Mode, Select > All by Trait > Non Manifold shows where it is not
    """

    bl_idname = "text3d.check_mesh"
    bl_label = "Check Mesh"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        target = context.view_layer.objects.active
        if not is_in_object_mode(cls, context):
            return False
        return target is not None and target.type == "MESH" and not target.data.library and bool(active_recipe(context))

    def execute(self, context: bpy.types.Context) -> set[str]:
        from ...scene.mesh_report import store_report

        report = store_report(context.view_layer.objects.active.data)
        self.report({"INFO"}, f"{WATERTIGHT}: {watertight_text(report)}")
        return {"FINISHED"}


CLASSES = (TEXT3D_OT_check_mesh,)
