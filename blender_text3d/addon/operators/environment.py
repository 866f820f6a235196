# SPDX-License-Identifier: GPL-3.0-or-later
"""Operators that create, repair and remove the worker's environment."""

from collections.abc import Callable, Sequence

import bpy

from ...protocol.failures import Reason
from ..background.environment_task import environment_task
from ..background.weights_task import weights_task
from ..settings.choices import Choices, choices
from ..state.problem import Problem, environment_problem
from ..state.session_state import state
from ..state.torch_choices import build_problem
from .background_process import FolderOperator, StopOperator, wait_for
from .generate import fail
from .poll import is_met

OFFLINE = Problem(
    "Online access is off, so Set Up cannot download PyTorch and other packages.",
    "Allow it in Preferences > System > Network.",
    Reason.OFFLINE_SETUP,
)

DIFFUSERS_PART = "diffusers"


def offline_part(label: str) -> Problem:
    """Return the problem of an optional part that cannot be downloaded."""
    message = f"Online access is off, so the packages of {label} cannot be downloaded."
    return Problem(message, OFFLINE.fix, Reason.OFFLINE_SETUP)


def own_python_part(packages: Sequence[str]) -> Problem:
    """Return the problem of an optional part whose packages the user's own Python lacks."""
    message = "Python Override is set, and Text3D installs nothing into a Python of your own."
    fix = f"Install {', '.join(packages)} into it, or clear the override in the preferences."
    return Problem(message, fix, Reason.OWN_PYTHON)


def start(operator: bpy.types.Operator, action: str, kit: str = "", part: str = "") -> set[str]:
    """Start the background process, wait for it if there is no window, and report a problem."""
    chosen = choices()
    if problem := problem_before(chosen, action, kit):
        return fail(operator, problem)
    try:
        environment_task.start(chosen, action, kit, part)
    except OSError as error:
        fix = "Choose another Data Folder in the preferences, or make this one writable."
        return fail(operator, Problem(f"Setup could not be started: {error}.", fix, environment_task.reason))
    return wait_for(operator, environment_task)


def problem_before(chosen: Choices, action: str, kit: str) -> Problem | None:
    """Return why an environment cannot be created or would not be used, or None."""
    if action not in environment_task.MAKING:
        return None
    if chosen.own_python:
        message = f"Python Override is {chosen.own_python}, so the environment would not be used."
        return Problem(message, "Clear Python Override in the preferences, then press Set Up.", Reason.OWN_PYTHON)
    unavailable = "" if kit else build_problem(chosen.torch, chosen.torch_index)
    return (
        Problem(unavailable, "Choose another PyTorch build in the preferences.", Reason.UNFIT_BUILD)
        if unavailable
        else None
    )


def close_session() -> None:
    """End the idle worker, which runs from the environment."""
    if state.session:
        state.session.close()
        state.session.worker.kill()
        state.session = None


class SetupOperator:
    """An operator that needs the environment unlocked."""

    poll_message_set: Callable[[str], None]

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return is_met(cls, not environment_task.is_running(), "Setup is already running") and is_met(
            cls, not environment_task.is_stopping(), "The canceled setup is still removing its files"
        )


class TEXT3D_OT_set_up(SetupOperator, bpy.types.Operator):
    """Create the Python environment that Text3D needs. Downloads up to a few gigabytes"""

    bl_idname = "text3d.set_up"
    bl_label = "Set Up"

    is_anew: bpy.props.BoolProperty(
        name="Rebuild",
        description="Rebuild the environment. The current one stays until the new one passes its test",
    )

    def execute(self, context: bpy.types.Context) -> set[str]:
        if not bpy.app.online_access:
            return fail(self, OFFLINE)
        return start(self, "renew" if self.is_anew else "make")


class TEXT3D_OT_repair(SetupOperator, bpy.types.Operator):
    """Test the environment by generating a small object, and rebuild it if the test fails"""

    bl_idname = "text3d.repair"
    bl_label = "Check and Repair"

    def execute(self, context: bpy.types.Context) -> set[str]:
        if choices().own_python:  # the user's own Python is only tested
            return start(self, "try")
        if bpy.app.online_access:
            return start(self, "repair")
        return fail(self, OFFLINE) if environment_problem(choices()) else start(self, "test")


class TEXT3D_OT_remove_environment(SetupOperator, bpy.types.Operator):
    """Delete the Python environment from disk. Jobs and models are kept"""

    bl_idname = "text3d.remove_environment"
    bl_label = "Remove Environment"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return (
            is_met(cls, not state.running, "An object is being generated")
            and is_met(cls, not weights_task.is_running(), "Model files are being transferred")
            and super().poll(context)
        )

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        return context.window_manager.invoke_confirm(self, event)

    def execute(self, context: bpy.types.Context) -> set[str]:
        close_session()
        return start(self, "remove")


class TEXT3D_OT_add_part(SetupOperator, bpy.types.Operator):
    """Install the packages of an optional part into the environment. Downloads about 100 MB"""

    bl_idname = "text3d.add_part"
    bl_label = "Install Optional Part"
    bl_options = {"INTERNAL"}

    part: bpy.props.StringProperty(name="Part", default=DIFFUSERS_PART, options={"HIDDEN", "SKIP_SAVE"})

    def execute(self, context: bpy.types.Context) -> set[str]:
        from ...environment.optional_parts import DIFFUSERS, PARTS

        part = PARTS.get(self.part, DIFFUSERS)
        if choices().own_python:
            return fail(self, own_python_part(part.modules))
        return (
            start(self, "add-part", part=part.name) if bpy.app.online_access else fail(self, offline_part(part.label))
        )


class TEXT3D_OT_remove_part(SetupOperator, bpy.types.Operator):
    """Delete the packages of an optional part from the environment. Files of your own are kept"""

    bl_idname = "text3d.remove_part"
    bl_label = "Remove Optional Part"
    bl_options = {"INTERNAL"}

    part: bpy.props.StringProperty(name="Part", default=DIFFUSERS_PART, options={"HIDDEN", "SKIP_SAVE"})

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return is_met(cls, not state.running, "An object is being generated") and super().poll(context)

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        return context.window_manager.invoke_confirm(self, event)

    def execute(self, context: bpy.types.Context) -> set[str]:
        close_session()
        return start(self, "remove-part", part=self.part)


class TEXT3D_OT_install_kit(SetupOperator, FolderOperator, bpy.types.Operator):
    """Set up from the folder of an offline kit, without network access"""

    bl_idname = "text3d.install_kit"
    bl_label = "Install Offline Kit"
    wanted = "the folder of an offline kit"

    def run(self, folder: str) -> set[str]:
        return start(self, "make", folder)


class TEXT3D_OT_stop_set_up(StopOperator, bpy.types.Operator):
    """Cancel setup. The current environment and all downloads are kept"""

    bl_idname = "text3d.stop_set_up"
    task = environment_task


CLASSES = (
    TEXT3D_OT_set_up,
    TEXT3D_OT_repair,
    TEXT3D_OT_remove_environment,
    TEXT3D_OT_add_part,
    TEXT3D_OT_remove_part,
    TEXT3D_OT_install_kit,
    TEXT3D_OT_stop_set_up,
)
