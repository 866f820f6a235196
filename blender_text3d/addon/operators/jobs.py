# SPDX-License-Identifier: GPL-3.0-or-later
"""Operators on jobs of earlier sessions, and on what the panel tells."""

from pathlib import Path

import bpy

from ...protocol.errors import InvalidJob
from ...protocol.job_folder import JobFolder
from .. import redraw
from ..jobs import import_result, job_scan, orphan_jobs, submit
from ..settings.choices import choices
from ..state.problem import trouble_of_error
from ..state.session_state import ImportTarget, state
from .generate import fail, wait


def offered(job_id: str) -> list[JobFolder]:
    """The offers that are meant: one, or all."""
    return [folder for folder in state.offers if job_id in ("", folder.job_id)]


class TEXT3D_OT_import_job(bpy.types.Operator):
    """Bring finished objects of earlier sessions in, side by side at the 3D cursor"""

    bl_idname = "text3d.import_job"
    bl_label = "Import"

    job_id: bpy.props.StringProperty(name="Job", description="Its folder's name; empty for all that are offered")
    again: bpy.props.BoolProperty(name="Again", description="Also where its object was brought in already")

    def execute(self, context: bpy.types.Context) -> set[str]:
        state.trouble = None
        state.offers = [folder for folder in state.offers if not folder.is_imported()]  # another Blender may have
        folders = offered(self.job_id) or named(self.job_id)
        made = [target for place, folder in enumerate(folders) for target in self.import_object(place, folder, context)]
        if state.trouble:
            return fail(self, state.trouble)
        return {"FINISHED"} if made else {"CANCELLED"}

    def import_object(self, place: int, folder: JobFolder, context: bpy.types.Context) -> list[bpy.types.Object]:
        """One job, in its place beside the others; it is no longer offered."""
        location = submit.place_in_row(place, read_size(folder), context.scene, rows=2)
        state.offers = [offer for offer in state.offers if offer != folder]
        return import_result.import_object(folder, ImportTarget(context.scene.name, location), again=self.again)


def named(job_id: str) -> list[JobFolder]:
    """A job that is not offered, by the name of its folder."""
    return [JobFolder(choices().jobs_dir / job_id)] if job_id and Path(job_id).name == job_id else []


def read_size(folder: JobFolder) -> float:
    """Metres; 1 where the folder is broken, which the import will say."""
    try:
        return folder.read_request().size_m
    except InvalidJob:
        return 1.0


class TEXT3D_OT_dismiss_job(bpy.types.Operator):
    """Do not offer these objects again; their folders stay"""

    bl_idname = "text3d.dismiss_job"
    bl_label = "Do Not Offer Again"
    bl_options = {"INTERNAL"}

    job_id: bpy.props.StringProperty()

    def execute(self, context: bpy.types.Context) -> set[str]:
        for folder in offered(self.job_id):
            import_result.mark_imported(folder)
        state.offers = [folder for folder in state.offers if folder not in offered(self.job_id)]
        return {"FINISHED"}


class TEXT3D_OT_leave_jobs(bpy.types.Operator):
    """Ask jobs of earlier sessions to stop, follow them no more and do not offer their objects; their folders stay"""

    bl_idname = "text3d.leave_jobs"
    bl_label = "Leave"
    bl_options = {"INTERNAL"}

    job_id: bpy.props.StringProperty(name="Job", description="Its folder's name; empty for all that are followed")

    def execute(self, context: bpy.types.Context) -> set[str]:
        for folder in [folder for folder in state.underway if self.job_id in ("", folder.job_id)]:
            orphan_jobs.leave(folder)
        return {"FINISHED"}


class TEXT3D_OT_find_jobs(bpy.types.Operator):
    """Look again for finished objects that never came into a scene"""

    bl_idname = "text3d.find_jobs"
    bl_label = "Look Again"
    bl_options = {"INTERNAL"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        job_scan.scan_whole(choices().jobs_dir)
        redraw.panels()
        return {"FINISHED"}


class TEXT3D_OT_resume_jobs(bpy.types.Operator):
    """Make the objects that an earlier session asked for and never began"""

    bl_idname = "text3d.resume_jobs"
    bl_label = "Resume"

    def execute(self, context: bpy.types.Context) -> set[str]:
        try:
            jobs = submit.resume_leftovers(context.scene)
        except InvalidJob as error:
            return fail(self, trouble_of_error(error))
        return wait(self, jobs) if bpy.app.background else {"FINISHED"}


class TEXT3D_OT_forget_trouble(bpy.types.Operator):
    """Clear the messages"""

    bl_idname = "text3d.forget_trouble"
    bl_label = "Clear"
    bl_options = {"INTERNAL"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        state.trouble = None
        state.notices.clear()
        return {"FINISHED"}


class TEXT3D_OT_free_memory(bpy.types.Operator):
    """End the worker, so that the memory it holds for the model is free; the next object takes longer to begin"""

    bl_idname = "text3d.free_memory"
    bl_label = "Free Memory"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return state.session is not None and not state.session.jobs

    def execute(self, context: bpy.types.Context) -> set[str]:
        state.session.close()
        state.session = None
        return {"FINISHED"}


CLASSES = (
    TEXT3D_OT_import_job,
    TEXT3D_OT_dismiss_job,
    TEXT3D_OT_leave_jobs,
    TEXT3D_OT_find_jobs,
    TEXT3D_OT_resume_jobs,
    TEXT3D_OT_forget_trouble,
    TEXT3D_OT_free_memory,
)
