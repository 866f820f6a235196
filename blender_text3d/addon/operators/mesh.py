# SPDX-License-Identifier: GPL-3.0-or-later
"""The mesh report of the active object, as text, and the operator that updates it."""

from typing import TYPE_CHECKING, Any

import bpy

from .poll import is_in_object_mode, is_met

if TYPE_CHECKING:
    from ...scene.mesh_report import MeshReport

WATERTIGHT = "Watertight"
DEFECTS = (
    ("holes", "hole", "holes"),
    ("open_edges", "open edge", "open edges"),
    ("crowded_edges", "non-manifold edge", "non-manifold edges"),
    ("twisted_edges", "flipped edge", "flipped edges"),
)
OTHER_DEFECTS = {
    "flipped_faces": "flipped faces",
    "degenerate_faces": "faces without area",
    "duplicate_vertices": "duplicate vertices",
    "loose_vertices": "loose vertices",
    "loose_edges": "loose edges",
}
"""Defects that do not keep a mesh from being watertight."""


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
    """Count faces, loose parts and defects of the selected meshes, without their modifiers.

    3D printing needs a watertight mesh. In Edit Mode, Select > All by Trait > Non Manifold shows where it is not
    """

    bl_idname = "text3d.check_mesh"
    bl_label = "Check Mesh"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        has_object = bool(context.selected_objects) or context.view_layer.objects.active is not None
        return is_in_object_mode(cls, context) and is_met(cls, has_object, "Requires a selected object")

    def execute(self, context: bpy.types.Context) -> set[str]:
        from ...scene.mesh_selection import reason_not_a_mesh, selected_objects, skipped_text, sort_out

        targets, skipped = sort_out(selected_objects(context.view_layer), reason_not_a_mesh)
        if skipped:
            self.report({"WARNING"} if targets else {"ERROR"}, skipped_text(skipped))
        if not targets:
            return {"CANCELLED"}
        self.report({"INFO"}, check_text({target.name: check(target) for target in targets}))
        return {"FINISHED"}


def check(target: bpy.types.Object) -> tuple[bool, str]:
    """Count a mesh, and store the report on that of a generated object.

    Returns:
        True if the mesh is watertight, and the defects that Fix Mesh would find, as text.
    """
    from ...scene.mesh_defects import count_defects
    from ...scene.mesh_report import count_mesh, store_report
    from ...scene.recipe import recipe_of

    data: Any = target.data
    is_stored = recipe_of(target) is not None and data.library is None
    report, defects = store_report(data) if is_stored else count_mesh(data), count_defects(data)
    others = [f"{getattr(defects, name):,} {word}" for name, word in OTHER_DEFECTS.items() if getattr(defects, name)]
    return report.is_closed, ", ".join([f"{WATERTIGHT}: {watertight_text(report)}", *others])


def check_text(found: dict[str, tuple[bool, str]]) -> str:
    """Return the result of one mesh, or how many of several are watertight and which are not."""
    from ...scene.mesh_selection import listed

    if len(found) == 1:
        return next(iter(found.values()))[1]
    broken = [f'"{name}"' for name, (is_closed, _) in found.items() if not is_closed]
    text = f"{WATERTIGHT}: {len(found) - len(broken)} of {len(found)}"
    return f"{text}, not {listed(broken)}" if broken else text


CLASSES = (TEXT3D_OT_check_mesh,)
