# SPDX-License-Identifier: GPL-3.0-or-later
"""Operators that bring the official models' files onto this machine and off it."""

import bpy

from ..background import weights_task
from ..settings.choices import choices
from ..state.problem import Problem, environment_trouble, reason_of_python
from ..state.session_state import state
from ..state.weight_files import Transfer, WeightFile
from .generate import fail

BUSY = "Files are on their way already."


def offline(model: str) -> Problem:
    """What to say where Blender may not use the network."""
    message = "The files come from the network, and Blender's online access is switched off."
    fix = "Allow it in Preferences, System, Network, or import the files from a folder."
    return Problem(message, fix, "offline", model=model)


def start(operator: bpy.types.Operator, asked: Transfer, what: str, *words: str) -> set[str]:
    """Start the child, and where there is no window wait for it; every error in one sentence."""
    state.trouble = None
    if trouble := environment_trouble(choices()):
        return fail(operator, trouble)
    try:
        weights_task.start(asked, what, *words)
    except OSError as error:
        reason = reason_of_python(choices())
        return fail(operator, Problem(f"The worker's Python could not be started: {error}.", reason=reason))
    if not bpy.app.background:
        return {"FINISHED"}
    weights_task.wait()
    return fail(operator, state.trouble) if state.trouble else {"FINISHED"}


def to_come(verb: str, model: str, files: list[WeightFile]) -> Transfer:
    """What the panel knows of a transfer when it begins."""
    sizes = {file.name: file.size_bytes for file in files}
    return Transfer(verb, model, sizes, {file.name: file.received_bytes for file in files})


class WeightsOperator:
    """One transfer at a time."""

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if weights_task.is_running():
            cls.poll_message_set(BUSY)
            return False
        return True


class TEXT3D_OT_fetch_weights(WeightsOperator, bpy.types.Operator):
    """Download the files that this model lacks; what has come so far is kept if you stop"""

    bl_idname = "text3d.fetch_weights"
    bl_label = "Fetch"

    model: bpy.props.StringProperty(name="Model", description="Whose files; empty for the model in the panel")

    def execute(self, context: bpy.types.Context) -> set[str]:
        model = self.model or context.scene.text3d.model
        if model not in weights_task.NEED_FILES:
            return fail(self, Problem(f"{model} needs no files to be fetched."))
        if not bpy.app.online_access:
            return fail(self, offline(model))
        return start(self, to_come("Fetching", model, weights_task.missing(model)), "fetch", model)


class TEXT3D_OT_import_weights(WeightsOperator, bpy.types.Operator):
    """Take the files from a folder that has them, folders inside it included, instead of the network"""

    bl_idname = "text3d.import_weights"
    bl_label = "Import from Folder…"

    model: bpy.props.StringProperty(name="Model", description="Whose files; empty for all models")
    directory: bpy.props.StringProperty(name="Folder", subtype="DIR_PATH")

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        folder = bpy.path.abspath(self.directory)
        if not folder:
            return fail(self, Problem("No folder was chosen. Choose the one that holds the files."))
        words = (folder, self.model) if self.model else (folder,)
        return start(self, Transfer("Importing", self.model), "import", *words)


class TEXT3D_OT_remove_weights(WeightsOperator, bpy.types.Operator):
    """Remove this file from the disk; the models that need it must fetch it again"""

    bl_idname = "text3d.remove_weights"
    bl_label = "Remove"

    name: bpy.props.StringProperty(name="File", description="As the list in the preferences names it")

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        return context.window_manager.invoke_confirm(self, event)

    def execute(self, context: bpy.types.Context) -> set[str]:
        return start(self, Transfer("Removing"), "remove", self.name)


class TEXT3D_OT_stop_weights(bpy.types.Operator):
    """Stop; what has come so far is kept, and the next Fetch goes on from there"""

    bl_idname = "text3d.stop_weights"
    bl_label = "Cancel"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return weights_task.is_running()

    def execute(self, context: bpy.types.Context) -> set[str]:
        weights_task.stop()
        return {"FINISHED"}


class TEXT3D_OT_find_weights(bpy.types.Operator):
    """Look again which files are on this machine"""

    bl_idname = "text3d.find_weights"
    bl_label = "Look Again"
    bl_options = {"INTERNAL"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        if trouble := environment_trouble(choices()):
            return fail(self, trouble)
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
