# SPDX-License-Identifier: GPL-3.0-or-later
"""Operators behind the fix buttons: retry, fix settings, open folders, logs and preferences."""

import os
from pathlib import Path

import bpy

from ...doctor.checks.disk import nearest_existing
from ...environment.paths import log_path
from ...protocol.failures import Reason
from ...protocol.job_folder import JobFolder
from ..background.environment_task import environment_task
from ..background.weights_task import weights_task
from ..jobs import submit
from ..jobs.retry import CHANGES, retry
from ..settings.choices import ADDON, choices
from ..settings.conflicts import conflicts
from ..settings.properties import TEXT3D_Settings
from ..state.problem import Problem
from ..state.session_state import state
from .generate import fail, start

RETRY_LABELS = {
    "same": "Same Settings",
    "draft": "Draft Quality",
    "processor": "Use CPU",
    "device": "Automatic Device",
    "seed": "Another Seed",
    "mini": "Mini Model",
    "sample": "Sample Again",
}
HOW_ITEMS = tuple((name, RETRY_LABELS[name], "") for name in CHANGES)
PANEL_CHANGES = {"device": ("device", "auto"), "processor": ("device", "cpu"), "draft": ("quality", "draft")}


class TEXT3D_OT_try_again(bpy.types.Operator):
    """Generate the failed object again, with the cause of the problem changed"""

    bl_idname = "text3d.try_again"
    bl_label = "Retry"
    bl_options = {"INTERNAL"}

    how: bpy.props.EnumProperty(name="Change", items=HOW_ITEMS, default="same", options={"HIDDEN", "SKIP_SAVE"})

    def execute(self, context: bpy.types.Context) -> set[str]:
        path, scene = state.problem.job_path if state.problem else None, context.scene
        if path is None:
            self.change_panel(scene.text3d)
            return start(self, submit.generate, scene)
        return start(self, retry, JobFolder(path), scene, self.how)

    def change_panel(self, settings: TEXT3D_Settings) -> None:
        """Change a setting of the panel, which is retried if no job was created yet."""
        name, value = PANEL_CHANGES.get(self.how, ("", ""))
        if name:
            setattr(settings, name, value)


class TEXT3D_OT_settle(bpy.types.Operator):
    """Change the setting that causes the problem"""

    bl_idname = "text3d.settle"
    bl_label = "Fix Settings"
    bl_options = {"INTERNAL", "UNDO"}

    name: bpy.props.StringProperty()
    value: bpy.props.StringProperty()

    def execute(self, context: bpy.types.Context) -> set[str]:
        try:
            resolve_conflict(context.scene.text3d, self.name, self.value)
        except (KeyError, TypeError, ValueError):  # called by a script or by a button of another version
            return fail(self, Problem(f"The setting {self.name!r} cannot be set to {self.value!r}."))
        state.problem = None
        return {"FINISHED"}


class TEXT3D_OT_settle_all(bpy.types.Operator):
    """Change the settings that cause the problem"""

    bl_idname = "text3d.settle_all"
    bl_label = "Fix Settings"
    bl_options = {"INTERNAL", "UNDO"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        settings = context.scene.text3d
        for conflict in conflicts(settings):
            if conflict.name and conflict.is_blocking:
                resolve_conflict(settings, conflict.name, conflict.value)
        state.problem = None
        return {"FINISHED"}


def resolve_conflict(settings: TEXT3D_Settings, name: str, value: str) -> None:
    """Set a property of the panel; "" turns a checkbox off."""
    is_checkbox = settings.bl_rna.properties[name].type == "BOOLEAN"
    setattr(settings, name, bool(value) if is_checkbox else value)


class TEXT3D_OT_choose_image(bpy.types.Operator):
    """Choose the image to generate the object from"""

    bl_idname = "text3d.choose_image"
    bl_label = "Choose Image"
    bl_options = {"INTERNAL", "UNDO"}

    filepath: bpy.props.StringProperty(subtype="FILE_PATH")
    filter_image: bpy.props.BoolProperty(default=True, options={"HIDDEN"})
    filter_folder: bpy.props.BoolProperty(default=True, options={"HIDDEN"})

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        context.scene.text3d.image = self.filepath
        state.problem = None
        return {"FINISHED"}


class TEXT3D_OT_open_jobs_folder(bpy.types.Operator):
    """Open the folder of all jobs. Finished jobs you no longer need can be deleted there"""

    bl_idname = "text3d.open_jobs_folder"
    bl_label = "Open Jobs Folder"
    bl_options = {"INTERNAL"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        return bpy.ops.wm.path_open(filepath=str(nearest_existing(choices().jobs_dir)))


class TEXT3D_OT_automatic_build(bpy.types.Operator):
    """Use the PyTorch build that suits this machine"""

    bl_idname = "text3d.automatic_build"
    bl_label = "Use Automatic Build"
    bl_options = {"INTERNAL"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        if entry := context.preferences.addons.get(ADDON):
            entry.preferences.torch = "auto"
        state.problem = None
        return {"FINISHED"}


class TEXT3D_OT_open_setup_log(bpy.types.Operator):
    """Open the log of the last setup"""

    bl_idname = "text3d.open_setup_log"
    bl_label = "Open Setup Log"
    bl_options = {"INTERNAL"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        log = log_path(choices().env_dir)
        if not os.path.isfile(log):
            self.report({"WARNING"}, "No setup log yet")
            return {"CANCELLED"}
        return bpy.ops.wm.path_open(filepath=str(log))


class TEXT3D_OT_open_preferences(bpy.types.Operator):
    """Open the preferences of this add-on"""

    bl_idname = "text3d.open_preferences"
    bl_label = "Open Preferences"
    bl_options = {"INTERNAL"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        weights_task.refresh()
        return bpy.ops.preferences.addon_show("INVOKE_DEFAULT", module=ADDON)


class TEXT3D_OT_open_log(bpy.types.Operator):
    """Open the log of the job or the setup"""

    bl_idname = "text3d.open_log"
    bl_label = "Open Log"
    bl_options = {"INTERNAL"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        log = next((log for log in logs_of(state.problem) if os.path.isfile(log)), None)
        if log is None:
            self.report({"WARNING"}, "No log yet")
            return {"CANCELLED"}
        return bpy.ops.wm.path_open(filepath=str(log))


def logs_of(problem: Problem | None) -> list[Path]:
    """Return the logs that may explain a problem, likeliest first; not all of them exist."""
    job_logs = [problem.job_path / "worker.log"] if problem and problem.job_path else []
    worker_logs = [state.session.worker.log] if state.session else []
    setup_logs = [log_path(choices().env_dir)]
    is_setup = problem is not None and problem.reason in (
        Reason.ENVIRONMENT,
        *environment_task.REASONS.values(),
        Reason.KIT,
    )
    return job_logs + (setup_logs + worker_logs if is_setup else worker_logs + setup_logs)


CLASSES = (
    TEXT3D_OT_try_again,
    TEXT3D_OT_settle,
    TEXT3D_OT_settle_all,
    TEXT3D_OT_choose_image,
    TEXT3D_OT_open_jobs_folder,
    TEXT3D_OT_automatic_build,
    TEXT3D_OT_open_setup_log,
    TEXT3D_OT_open_preferences,
    TEXT3D_OT_open_log,
)
