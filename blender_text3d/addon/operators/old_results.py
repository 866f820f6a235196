# SPDX-License-Identifier: GPL-3.0-or-later
"""Operators on the disk space of results: compact all, delete old ones, write files for other programs."""

import time
from collections.abc import Generator

import bpy

from ...client.results.delete import delete_result, require_deletable, size_bytes
from ...client.results.entry import stored_request
from ...client.results.marks import STARRED, is_marked
from ...protocol.exported_files import PARTS
from ...protocol.job_folder import JobFolder
from ..results.results_task import results_task
from ..settings.choices import choices
from ..state.session_state import state
from .bake import busy_cursor
from .poll import is_met
from .results import ResultError, ResultOperator

DAY_S = 24 * 3600.0
MAX_DAYS = 36_500


class TEXT3D_OT_results_compact(bpy.types.Operator):
    """Compress the geometry of all results without loss, and delete previews and exports, which can be written again"""

    bl_idname = "text3d.results_compact"
    bl_label = "Compact Results"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return can_change(cls)

    def execute(self, context: bpy.types.Context) -> set[str]:
        from ...client.results.compact import compact_steps

        results_task.start("Compacted", choices().jobs_dir, compact_steps)
        return {"FINISHED"}


class TEXT3D_OT_results_delete_old(bpy.types.Operator):
    """Delete results of a certain age with all their files. Objects in the scene and starred results are kept"""

    bl_idname = "text3d.results_delete_old"
    bl_label = "Delete Old Results"

    days: bpy.props.IntProperty(
        name="Older Than",
        description="Age in days of the results to delete",
        default=90,
        min=1,
        max=MAX_DAYS,
    )

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return can_change(cls)

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        return context.window_manager.invoke_props_dialog(self, title="Delete Old Results", confirm_text="Delete")

    def draw(self, context: bpy.types.Context) -> None:
        layout = self.layout
        layout.prop(self, "days")
        layout.label(text="Starred results are kept. This cannot be undone.", icon="ERROR")

    def execute(self, context: bpy.types.Context) -> set[str]:
        newest_s = time.time() - self.days * DAY_S
        results_task.start("Deleted", choices().jobs_dir, lambda folder: delete_old_steps(folder, newest_s))
        return {"FINISHED"}


def can_change(cls: type[bpy.types.Operator]) -> bool:
    """True unless results are being changed already."""
    return is_met(cls, not results_task.is_running, "Results are being changed")


def delete_old_steps(folder: JobFolder, newest_s: float) -> Generator[None, None, int]:
    """Delete a job that was created before a Unix time and is not starred; the value is the bytes freed, or -1.

    Raises:
        InvalidJob: It has not ended, or cannot be deleted.
    """
    request = stored_request(folder)
    if request is None or not 0 < request.created < newest_s or is_marked(folder, STARRED):
        return -1
    require_deletable(folder)
    freed = size_bytes(folder)
    yield
    delete_result(folder)
    state.ready = [offer for offer in state.ready if offer != folder]
    return freed


class TEXT3D_OT_result_export(ResultOperator, bpy.types.Operator):
    """Write the selected result as GLB and PLY into its folder, with the size of its request, and open the folder"""

    bl_idname = "text3d.result_export"
    bl_label = "Export GLB and PLY"

    def run(self, folder: JobFolder, context: bpy.types.Context) -> set[str]:
        from ...exports.export_job import export_job
        from ...exports.formats import targets_of

        parts = [part for part in PARTS if (folder.path / f"{part}.npz").is_file()]
        if not parts:
            raise ResultError(f"The result {folder.job_id} has no geometry. Generate it again.")
        targets = targets_of(parts, ("glb", "ply"), {part: str(folder.path / part) for part in parts})
        try:
            with busy_cursor(context):  # the normals of a point cloud take a second
                export_job(folder, targets)
        except ValueError as error:
            raise ResultError(str(error)) from error
        self.report({"INFO"}, f"Wrote {', '.join(target.path.name for target in targets)}")
        return {"FINISHED"} if bpy.app.background else bpy.ops.wm.path_open(filepath=str(folder.path))


CLASSES = (
    TEXT3D_OT_results_compact,
    TEXT3D_OT_results_delete_old,
    TEXT3D_OT_result_export,
)
