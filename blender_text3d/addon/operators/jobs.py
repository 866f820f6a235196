# SPDX-License-Identifier: GPL-3.0-or-later
"""Operators on jobs of earlier sessions, messages and the loaded model."""

from pathlib import Path

import bpy

from ...client.import_claim import mark_imported
from ...protocol.errors import InvalidJob
from ...protocol.job_folder import JobFolder
from .. import redraw
from ..jobs import import_result, job_scan, orphan_jobs, poll_timer
from ..jobs.free_location import slot_location, xyz
from ..settings.choices import choices
from ..state.active_job import ImportTarget
from ..state.session_state import state
from .generate import fail
from .poll import is_met


def offered_jobs(job_id: str) -> list[JobFolder]:
    """Return the offered job of this name, or all of them for ""."""
    return [folder for folder in state.ready if job_id in ("", folder.job_id)]


class TEXT3D_OT_import_job(bpy.types.Operator):
    """Import finished objects from earlier sessions at the 3D cursor"""

    bl_idname = "text3d.import_job"
    bl_label = "Import Finished Objects"
    bl_options = {"REGISTER", "UNDO"}

    job_id: bpy.props.StringProperty(name="Job", description="Name of the job folder. Empty: all finished jobs")
    again: bpy.props.BoolProperty(name="Import Again", description="Also import an object that was imported before")
    location: bpy.props.FloatVectorProperty(
        name="Location", description="Location of the first object. The 3D cursor if it is not set",
        subtype="TRANSLATION", options={"SKIP_SAVE"},
    )  # fmt: skip
    imported: bpy.props.StringProperty(options={"HIDDEN", "SKIP_SAVE"})

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        return self.import_all(context, has_own_undo_step=False)  # Blender pushes that of the operator

    def execute(self, context: bpy.types.Context) -> set[str]:
        return self.import_all(context, has_own_undo_step=not self.is_repeat())

    def import_all(self, context: bpy.types.Context, *, has_own_undo_step: bool) -> set[str]:
        """Import the jobs side by side. When F9 repeats the operator, the same jobs are imported again."""
        state.problem = None
        if not self.properties.is_property_set("location"):
            self.location = context.scene.cursor.location
        folders, again = self.folders(), self.again or bool(self.imported)
        self.imported = "\n".join(folder.job_id for folder in folders)
        made = []
        for place, folder in enumerate(folders):
            target = ImportTarget(context.scene.name, self.location_of(place, folder, context.scene))
            state.ready = [offer for offer in state.ready if offer != folder]
            made += import_result.import_object(folder, target, again=again, has_undo_step=has_own_undo_step)
        if state.problem:
            return fail(self, state.problem)
        return {"FINISHED"} if made else {"CANCELLED"}

    def folders(self) -> list[JobFolder]:
        """Return the jobs to import: those of the first time, else the named or the offered ones."""
        if self.imported:
            return [folder for name in self.imported.split("\n") for folder in job_by_name(name)]
        state.ready = [folder for folder in state.ready if not folder.is_imported()]  # another Blender may have
        return offered_jobs(self.job_id) or job_by_name(self.job_id)

    def location_of(self, place: int, folder: JobFolder, scene: bpy.types.Scene) -> tuple[float, float, float]:
        """Return the location of a place in the row that starts at `location`."""
        in_row = slot_location(place, read_size(folder), scene, rows=2)
        x, y, z = (a - b + c for a, b, c in zip(in_row, xyz(scene.cursor.location), self.location, strict=True))
        return x, y, z


def job_by_name(job_id: str) -> list[JobFolder]:
    """Return the job of this folder name, which need not be offered, or nothing for an invalid name."""
    return [JobFolder(choices().jobs_dir / job_id)] if job_id and Path(job_id).name == job_id else []


def read_size(folder: JobFolder) -> float:
    """Return the size in meters, or 1 for an unreadable folder, which the import reports."""
    try:
        return folder.read_request().size_m
    except InvalidJob:
        return 1.0


class TEXT3D_OT_dismiss_job(bpy.types.Operator):
    """Dismiss these objects. Their files are kept"""

    bl_idname = "text3d.dismiss_job"
    bl_label = "Dismiss"
    bl_options = {"INTERNAL"}

    job_id: bpy.props.StringProperty()

    def execute(self, context: bpy.types.Context) -> set[str]:
        for folder in offered_jobs(self.job_id):
            mark_imported(folder)
        state.ready = [folder for folder in state.ready if folder not in offered_jobs(self.job_id)]
        return {"FINISHED"}


class TEXT3D_OT_leave_jobs(bpy.types.Operator):
    """Cancel jobs from earlier sessions and stop following them. Their files are kept"""

    bl_idname = "text3d.leave_jobs"
    bl_label = "Stop Following"
    bl_options = {"INTERNAL"}

    job_id: bpy.props.StringProperty(
        name="Job", description="Name of the job folder. Empty: all jobs from earlier sessions"
    )

    def execute(self, context: bpy.types.Context) -> set[str]:
        for folder in [folder for folder in state.orphaned if self.job_id in ("", folder.job_id)]:
            orphan_jobs.abandon(folder)
        return {"FINISHED"}


class TEXT3D_OT_find_jobs(bpy.types.Operator):
    """Look for finished objects that were never imported"""

    bl_idname = "text3d.find_jobs"
    bl_label = "Refresh"
    bl_options = {"INTERNAL"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        if bpy.app.background:
            job_scan.scan_all(choices().jobs_dir)
        else:
            job_scan.start_scan(choices().jobs_dir)
            poll_timer.start()
        return {"FINISHED"}


class TEXT3D_OT_forget_trouble(bpy.types.Operator):
    """Clear all messages"""

    bl_idname = "text3d.forget_trouble"
    bl_label = "Clear"
    bl_options = {"INTERNAL"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        state.problem = None
        state.notices.clear()
        return {"FINISHED"}


class TEXT3D_OT_dismiss_message(bpy.types.Operator):
    """Dismiss this message"""

    bl_idname = "text3d.dismiss_message"
    bl_label = "Dismiss"
    bl_options = {"INTERNAL"}

    message: bpy.props.StringProperty(name="Message", description="Text of the notice. Empty: the error")

    def execute(self, context: bpy.types.Context) -> set[str]:
        if self.message:
            state.notices.pop(self.message, None)
        else:
            state.problem = None
        redraw.panels()
        return {"FINISHED"}


class TEXT3D_OT_free_memory(bpy.types.Operator):
    """Free the memory used by the model. The next object takes longer to start"""

    bl_idname = "text3d.free_memory"
    bl_label = "Unload Model"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return is_met(cls, state.session is not None, "No model is loaded") and is_met(
            cls, not state.session.jobs, "Jobs are running or waiting"
        )

    def execute(self, context: bpy.types.Context) -> set[str]:
        state.session.close()
        state.session = None
        return {"FINISHED"}


CLASSES = (
    TEXT3D_OT_import_job,
    TEXT3D_OT_dismiss_job,
    TEXT3D_OT_leave_jobs,
    TEXT3D_OT_find_jobs,
    TEXT3D_OT_forget_trouble,
    TEXT3D_OT_dismiss_message,
    TEXT3D_OT_free_memory,
)
