# SPDX-License-Identifier: GPL-3.0-or-later
"""What the active object's mesh is made of, in words, and the operator that counts it anew."""

import bpy

from .recipe import active_recipe

FLAWS = (
    ("holes", "hole", "holes"),
    ("open_edges", "open edge", "open edges"),
    ("crowded_edges", "edge of three faces", "edges of three faces"),
    ("twisted_edges", "edge where faces disagree", "edges where faces disagree"),
)


def closed_words(report) -> str:
    """Whether a mesh has an inside, and if not why.

    Args:
        report: A scene.mesh_report.MeshReport.
    """
    if report.is_closed:
        return "Yes"
    counts = [(getattr(report, name), one, many) for name, one, many in FLAWS]
    flaws = [f"{count:,} {one if count == 1 else many}" for count, one, many in counts if count]
    return f"No: {', '.join(flaws) or 'no faces'}"


def lines_of_mesh(target: bpy.types.Object) -> list[tuple[str, str]]:
    """Faces, parts and whether it is closed, as counted last; nothing where it never was."""
    from ...scene.mesh_report import report_of

    report = report_of(target.data)
    if report is None:
        return []
    if (report.vertices, report.faces) != (len(target.data.vertices), len(target.data.polygons)):
        return [("Faces", f"{len(target.data.polygons):,}"), ("Closed", "Changed since it was counted")]
    return [("Faces", faces_words(target)), ("Parts", f"{report.parts:,}"), ("Closed", closed_words(report))]


def faces_words(target: bpy.types.Object) -> str:
    """How many faces there are, and how many our modifier lets through."""
    from ...scene.decimate import faces_shown

    shown, faces = faces_shown(target), len(target.data.polygons)
    return f"{faces:,}" if shown is None else f"{shown:,} of {faces:,} shown"


class TEXT3D_OT_check_mesh(bpy.types.Operator):
    """Count faces, parts and open edges of the active mesh anew, without its modifiers.

    A printer needs a closed mesh: in Edit Mode, Select > All by Trait > Non Manifold finds where it is not
    """

    bl_idname = "text3d.check_mesh"
    bl_label = "Check Mesh"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        target = context.view_layer.objects.active
        if context.mode != "OBJECT":
            cls.poll_message_set("Meshes are counted in Object Mode")
            return False
        return target is not None and target.type == "MESH" and not target.data.library and bool(active_recipe(context))

    def execute(self, context: bpy.types.Context) -> set[str]:
        from ...scene.mesh_report import store_report

        report = store_report(context.view_layer.objects.active.data)
        self.report({"INFO"}, f"Closed: {closed_words(report)}")
        return {"FINISHED"}


CLASSES = (TEXT3D_OT_check_mesh,)
