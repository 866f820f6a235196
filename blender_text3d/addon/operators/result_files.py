# SPDX-License-Identifier: GPL-3.0-or-later
"""Operators on the files of a result, which show and delete them, and the pages of the list."""

import bpy

from ...client.results.delete import delete_result, require_deletable, size_bytes
from ...protocol.errors import InvalidJob
from ...protocol.job_folder import JobFolder
from .. import redraw
from ..results import timer, view
from ..results.strip import strip
from ..state.session_state import state
from ..state.weight_files import format_bytes
from .results import ResultError, ResultOperator, result_folder


class TEXT3D_OT_result_reveal(ResultOperator, bpy.types.Operator):
    """Open the folder of the result"""

    bl_idname = "text3d.result_reveal"
    bl_label = "Show Files"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return bool(state.queue or state.others) or super().poll(context)  # the queue shows files, too

    def run(self, folder: JobFolder, context: bpy.types.Context) -> set[str]:
        return bpy.ops.wm.path_open(filepath=str(folder.path))


class TEXT3D_OT_result_delete(ResultOperator, bpy.types.Operator):
    """Delete the selected result with all its files. Objects in the scene are kept"""

    bl_idname = "text3d.result_delete"
    bl_label = "Delete Result"

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        try:
            folder = result_folder(self.job_id)
            require_unused(folder)
        except (ResultError, InvalidJob) as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        self.job_id = folder.job_id  # the selection may change while the dialog is open
        return context.window_manager.invoke_confirm(
            self, event, title="Delete Result", message=delete_message(folder), confirm_text="Delete", icon="WARNING"
        )

    def run(self, folder: JobFolder, context: bpy.types.Context) -> set[str]:
        require_unused(folder)
        freed = format_bytes(size_bytes(folder))
        delete_result(folder)
        forget(folder)
        self.report({"INFO"}, f"Deleted {freed}")
        return {"FINISHED"}


def require_unused(folder: JobFolder) -> None:
    """Refuse a job that has not ended, or whose object waits to be imported.

    Raises:
        ResultError, InvalidJob: The message says why.
    """
    require_deletable(folder)
    if folder.job_id in state.jobs:
        raise ResultError(f"The object of {folder.job_id} waits to be imported. Delete it later.")


def delete_message(folder: JobFolder) -> str:
    """Return the text of the dialog: which result, and how much it frees."""
    entry = strip.entry(folder.job_id)
    name = f'"{entry.request.prompt:.40}", seed {entry.request.seed}' if entry else folder.job_id
    return f"{name}: frees {format_bytes(size_bytes(folder))}. This cannot be undone."


def forget(folder: JobFolder) -> None:
    """Forget a deleted job."""
    state.ready = [offer for offer in state.ready if offer != folder]
    if view.settings().selected == folder.job_id:
        view.settings().selected = ""
    strip.reload()
    timer.note_drawn()
    redraw.sidebars()


class TEXT3D_OT_results_page(bpy.types.Operator):
    """Show another page of results"""

    bl_idname = "text3d.results_page"
    bl_label = "Go to Page"
    bl_options = {"INTERNAL"}

    step: bpy.props.IntProperty(name="Step", description="Pages forward, or backward if negative", default=1)

    def execute(self, context: bpy.types.Context) -> set[str]:
        settings = view.settings()
        settings.page = max(0, settings.page + self.step)
        redraw.sidebars()
        return {"FINISHED"}


CLASSES = (
    TEXT3D_OT_result_reveal,
    TEXT3D_OT_result_delete,
    TEXT3D_OT_results_page,
)
