# SPDX-License-Identifier: GPL-3.0-or-later
"""Operators that download, import and remove the files of the official models."""

from collections.abc import Callable

import bpy

from ...protocol.failures import Reason
from ..background.weights_task import weights_task
from ..settings.choices import choices
from ..state.problem import Problem, environment_problem, reason_of_python
from ..state.session_state import state
from ..state.weight_files import Transfer, WeightFile
from .background_process import FolderOperator, StopOperator, wait_for
from .generate import fail
from .poll import is_met


def offline_problem(model: str) -> Problem:
    """Return the problem of a download while Blender's online access is off."""
    message = "Online access is off, so the files cannot be downloaded."
    fix = "Allow it in Preferences > System > Network, or import the files from a folder."
    return Problem(message, fix, Reason.OFFLINE, model=model)


def start(operator: bpy.types.Operator, transfer: Transfer, action: str, *arguments: str) -> set[str]:
    """Start the background process, wait for it if there is no window, and report a problem."""
    state.problem = None
    if problem := environment_problem(choices()):
        return fail(operator, problem)
    try:
        weights_task.start(transfer, action, *arguments)
    except OSError as error:
        reason = reason_of_python(choices())
        return fail(operator, Problem(f"Python could not be started: {error}.", reason=reason))
    return wait_for(operator, weights_task)


def new_transfer(verb: str, model: str, files: list[WeightFile]) -> Transfer:
    """Return the state of a transfer of these files before it starts."""
    sizes = {file.name: file.size_bytes for file in files}
    return Transfer(verb, model, sizes, {file.name: file.received_bytes for file in files})


class WeightsOperator:
    """An operator that cannot run during a transfer."""

    poll_message_set: Callable[[str], None]

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return is_met(cls, not weights_task.is_running(), "Model files are already being transferred")


class TEXT3D_OT_fetch_weights(WeightsOperator, bpy.types.Operator):
    """Download the files this model needs. A canceled download is resumed the next time"""

    bl_idname = "text3d.fetch_weights"
    bl_label = "Download"

    model: bpy.props.StringProperty(name="Model", description="Model to download. Empty: the model chosen in the panel")

    def execute(self, context: bpy.types.Context) -> set[str]:
        model = self.model or context.scene.text3d.model
        if model not in weights_task.NEED_FILES:
            return fail(self, Problem(f"{model} needs no downloads."))
        if not bpy.app.online_access:
            return fail(self, offline_problem(model))
        return start(self, new_transfer("Downloading", model, weights_task.missing(model)), "fetch", model)


class TEXT3D_OT_import_weights(WeightsOperator, FolderOperator, bpy.types.Operator):
    """Import model files from a folder and its subfolders instead of downloading them"""

    bl_idname = "text3d.import_weights"
    bl_label = "Import from Folder…"
    wanted = "the folder that contains the files"

    model: bpy.props.StringProperty(name="Model", description="Model to import. Empty: all models")

    def run(self, folder: str) -> set[str]:
        arguments = (folder, self.model) if self.model else (folder,)
        return start(self, Transfer("Importing", self.model), "import", *arguments)


class TEXT3D_OT_remove_weights(WeightsOperator, bpy.types.Operator):
    """Delete this file from disk. Models that need it must download it again"""

    bl_idname = "text3d.remove_weights"
    bl_label = "Remove"
    bl_options = {"INTERNAL"}

    name: bpy.props.StringProperty(name="File", description="Name of the file in the list of the preferences")

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        return context.window_manager.invoke_confirm(self, event)

    def execute(self, context: bpy.types.Context) -> set[str]:
        return start(self, Transfer("Removing"), "remove", self.name)


class TEXT3D_OT_stop_weights(StopOperator, bpy.types.Operator):
    """Cancel the transfer. The partial download is kept and will be resumed"""

    bl_idname = "text3d.stop_weights"
    task = weights_task


class TEXT3D_OT_find_weights(bpy.types.Operator):
    """Check again which model files are on this machine"""

    bl_idname = "text3d.find_weights"
    bl_label = "Refresh"
    bl_options = {"INTERNAL"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        if problem := environment_problem(choices()):
            return fail(self, problem)
        weights_task.refresh()
        if bpy.app.background:
            weights_task.wait()
        return {"FINISHED"}


CLASSES = (
    TEXT3D_OT_fetch_weights,
    TEXT3D_OT_import_weights,
    TEXT3D_OT_remove_weights,
    TEXT3D_OT_stop_weights,
    TEXT3D_OT_find_weights,
)
