# SPDX-License-Identifier: GPL-3.0-or-later
"""Operators that get the worker running: make, repair, remove its environment."""

import time

import bpy

from ..background import environment_task, weights_task
from ..settings.choices import Choices, choices
from ..state.problem import Problem, environment_trouble
from ..state.session_state import state
from ..state.torch_choices import build_problem
from .generate import fail

OFFLINE = Problem(
    "Set Up downloads PyTorch and other packages, and Blender's online access is switched off.",
    "Allow it in Preferences, System, Network.",
    "offline_set_up",
)


def start(operator: bpy.types.Operator, action: str, kit: str = "") -> set[str]:
    """Start the child, and where there is no window wait for it; every error in one sentence."""
    chosen = choices()
    if trouble := refusal(chosen, action, kit):
        return fail(operator, trouble)
    try:
        environment_task.start(chosen, action, kit)
    except OSError as error:
        fix = "Choose another Data Folder in the preferences, or see that this one can be written."
        return fail(operator, Problem(f"The set-up could not be started: {error}.", fix, environment_task.reason))
    if not bpy.app.background:
        return {"FINISHED"}
    while environment_task.poll() is not None:
        time.sleep(environment_task.INTERVAL_S)
    return fail(operator, state.trouble) if state.trouble else {"FINISHED"}


def refusal(chosen: Choices, action: str, kit: str) -> Problem | None:
    """Why an environment would be made for nothing, or cannot be; None where it can."""
    if action not in environment_task.MAKING:
        return None
    if chosen.own_python:
        words = f"The worker runs in {chosen.own_python}, so an environment of Set Up's would not be used."
        return Problem(words, "Remove it as Worker Python from the preferences, and set up then.", "own_python")
    unfit = "" if kit else build_problem(chosen.torch, chosen.torch_index)
    return Problem(unfit, "Choose another PyTorch in the preferences.", "unfit_build") if unfit else None


class SetupOperator:
    """One thing at a time."""

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if environment_task.is_running():
            cls.poll_message_set("A set-up is at work already.")
            return False
        if environment_task.is_stopping():
            cls.poll_message_set("A set-up that was stopped still clears away what it made.")
            return False
        return True


class TEXT3D_OT_set_up(SetupOperator, bpy.types.Operator):
    """Make the Python environment that the worker runs in, a download of up to some gigabytes"""

    bl_idname = "text3d.set_up"
    bl_label = "Set Up"

    is_anew: bpy.props.BoolProperty(
        name="Anew", description="Make it anew though it works; the old one stays until the new one has passed its test"
    )

    def execute(self, context: bpy.types.Context) -> set[str]:
        if not bpy.app.online_access:
            return fail(self, OFFLINE)
        return start(self, "renew" if self.is_anew else "make")


class TEXT3D_OT_repair(SetupOperator, bpy.types.Operator):
    """Let the worker make a small object to test its environment, and make that anew where it fails"""

    bl_idname = "text3d.repair"
    bl_label = "Check and Repair"

    def execute(self, context: bpy.types.Context) -> set[str]:
        if choices().own_python:  # not ours to repair
            return start(self, "try")
        if bpy.app.online_access:
            return start(self, "repair")
        return fail(self, OFFLINE) if environment_trouble(choices()) else start(self, "test")


class TEXT3D_OT_remove_environment(SetupOperator, bpy.types.Operator):
    """Remove the worker's Python environment from the disk; jobs and models stay"""

    bl_idname = "text3d.remove_environment"
    bl_label = "Remove the Environment"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if state.running:
            cls.poll_message_set("The worker is making an object.")
            return False
        if weights_task.is_running():
            cls.poll_message_set("Files of models are on their way.")
            return False
        return super().poll(context)

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        return context.window_manager.invoke_confirm(self, event)

    def execute(self, context: bpy.types.Context) -> set[str]:
        if state.session:  # its worker has nothing to do, and runs from there
            state.session.close()
            state.session.worker.kill()
            state.session = None
        return start(self, "remove")


class TEXT3D_OT_install_kit(SetupOperator, bpy.types.Operator):
    """Set up from the folder of an offline kit, without the network"""

    bl_idname = "text3d.install_kit"
    bl_label = "Install from Folder"

    directory: bpy.props.StringProperty(name="Folder", subtype="DIR_PATH")

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        folder = bpy.path.abspath(self.directory)
        if not folder:
            return fail(self, Problem("No folder was chosen. Choose the one that scripts/offline_kit.py made."))
        return start(self, "make", folder)


class TEXT3D_OT_stop_set_up(bpy.types.Operator):
    """Stop; an environment that was in use still is, and what was downloaded is kept"""

    bl_idname = "text3d.stop_set_up"
    bl_label = "Stop"
    bl_options = {"INTERNAL"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return environment_task.is_running()

    def execute(self, context: bpy.types.Context) -> set[str]:
        environment_task.stop()
        return {"FINISHED"}


CLASSES = (
    TEXT3D_OT_set_up,
    TEXT3D_OT_repair,
    TEXT3D_OT_remove_environment,
    TEXT3D_OT_install_kit,
    TEXT3D_OT_stop_set_up,
)
