# SPDX-License-Identifier: GPL-3.0-or-later
"""Operators behind the buttons that help: try again, settle what conflicts, open what must be seen."""

import os
from pathlib import Path

import bpy

from ...doctor.checks.disk import existing
from ...environment.paths import log_path
from ...protocol.job_folder import JobFolder
from ..background import environment_task, weights_task
from ..jobs import submit
from ..jobs.retry import CHANGES, try_again
from ..settings.choices import ADDON, choices
from ..settings.conflicts import conflicts
from ..state.problem import Problem
from ..state.session_state import state
from .generate import fail, start

HOW_ITEMS = tuple((name, name.capitalize(), "") for name in CHANGES)
OF_THE_PANEL = {"device": ("device", "auto"), "processor": ("device", "cpu"), "draft": ("quality", "draft")}


class TEXT3D_OT_try_again(bpy.types.Operator):
    """Ask again for the object that failed, with what stood in its way changed"""

    bl_idname = "text3d.try_again"
    bl_label = "Try Again"

    how: bpy.props.EnumProperty(name="How", items=HOW_ITEMS, default="same", options={"HIDDEN", "SKIP_SAVE"})

    def execute(self, context: bpy.types.Context) -> set[str]:
        path, scene = state.trouble.job_path if state.trouble else None, context.scene
        if path is None:
            self.change_panel(scene.text3d)
            return start(self, lambda: submit.generate(scene))
        return start(self, lambda: try_again(JobFolder(path), scene, self.how))

    def change_panel(self, settings: bpy.types.PropertyGroup) -> None:
        """Where no job was made yet, the panel is what is tried again."""
        name, value = OF_THE_PANEL.get(self.how, ("", ""))
        if name:
            setattr(settings, name, value)


class TEXT3D_OT_settle(bpy.types.Operator):
    """Change the setting that stands in the way"""

    bl_idname = "text3d.settle"
    bl_label = "Settle"
    bl_options = {"INTERNAL", "UNDO"}

    name: bpy.props.StringProperty()
    value: bpy.props.StringProperty()

    def execute(self, context: bpy.types.Context) -> set[str]:
        try:
            resolve_conflict(context.scene.text3d, self.name, self.value)
        except (KeyError, TypeError, ValueError):  # called by a script, or by a button of another version
            return fail(self, Problem(f"The panel has no setting {self.name!r} that can be {self.value!r}."))
        state.trouble = None
        return {"FINISHED"}


class TEXT3D_OT_settle_all(bpy.types.Operator):
    """Change the settings that stand in the way"""

    bl_idname = "text3d.settle_all"
    bl_label = "Settle"
    bl_options = {"INTERNAL", "UNDO"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        settings = context.scene.text3d
        for conflict in conflicts(settings):
            if conflict.name and conflict.stops:
                resolve_conflict(settings, conflict.name, conflict.value)
        state.trouble = None
        return {"FINISHED"}


def resolve_conflict(settings: bpy.types.PropertyGroup, name: str, value: str) -> None:
    """Give a property of the panel a value; a switch is switched off by ""."""
    is_switch = settings.bl_rna.properties[name].type == "BOOLEAN"
    setattr(settings, name, bool(value) if is_switch else value)


class TEXT3D_OT_choose_image(bpy.types.Operator):
    """Choose the picture that the object is made of"""

    bl_idname = "text3d.choose_image"
    bl_label = "Choose Picture"
    bl_options = {"INTERNAL", "UNDO"}

    filepath: bpy.props.StringProperty(subtype="FILE_PATH")
    filter_image: bpy.props.BoolProperty(default=True, options={"HIDDEN"})
    filter_folder: bpy.props.BoolProperty(default=True, options={"HIDDEN"})

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        context.scene.text3d.image = self.filepath
        state.trouble = None
        return {"FINISHED"}


class TEXT3D_OT_open_jobs_folder(bpy.types.Operator):
    """Open the folder of the jobs; finished ones that you do not need can be removed there"""

    bl_idname = "text3d.open_jobs_folder"
    bl_label = "Open Jobs Folder"
    bl_options = {"INTERNAL"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        return bpy.ops.wm.path_open(filepath=str(existing(choices().jobs_dir)))


class TEXT3D_OT_automatic_build(bpy.types.Operator):
    """Choose the build of PyTorch that suits this machine"""

    bl_idname = "text3d.automatic_build"
    bl_label = "Automatic PyTorch"
    bl_options = {"INTERNAL"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        if entry := context.preferences.addons.get(ADDON):
            entry.preferences.torch = "auto"
        state.trouble = None
        return {"FINISHED"}


class TEXT3D_OT_open_setup_log(bpy.types.Operator):
    """Open what the newest set-up ran, and all that was printed by it"""

    bl_idname = "text3d.open_setup_log"
    bl_label = "Open the Set-Up's Log"
    bl_options = {"INTERNAL"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        log = log_path(choices().env_dir)
        if not os.path.isfile(log):
            self.report({"WARNING"}, "There is no log: nothing was set up here yet.")
            return {"CANCELLED"}
        return bpy.ops.wm.path_open(filepath=str(log))


class TEXT3D_OT_open_preferences(bpy.types.Operator):
    """Open this add-on's preferences"""

    bl_idname = "text3d.open_preferences"
    bl_label = "Open Preferences"
    bl_options = {"INTERNAL"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        weights_task.refresh()
        return bpy.ops.preferences.addon_show("INVOKE_DEFAULT", module=ADDON)


class TEXT3D_OT_open_log(bpy.types.Operator):
    """Open what the worker or its set-up printed"""

    bl_idname = "text3d.open_log"
    bl_label = "Open Log"
    bl_options = {"INTERNAL"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        log = next((log for log in logs_of(state.trouble) if os.path.isfile(log)), None)
        if log is None:
            self.report({"WARNING"}, "There is no log: the worker has not printed anything yet.")
            return {"CANCELLED"}
        return bpy.ops.wm.path_open(filepath=str(log))


def logs_of(trouble: Problem | None) -> list[Path]:
    """Where it may be read what led to a trouble, the likeliest first; not all of them exist."""
    jobs_own = [trouble.job_path / "worker.log"] if trouble and trouble.job_path else []
    workers = [state.session.worker.log] if state.session else []
    set_ups = [log_path(choices().env_dir)]
    is_of_set_up = trouble is not None and trouble.reason in ("environment", *environment_task.REASONS.values(), "kit")
    return jobs_own + (set_ups + workers if is_of_set_up else workers + set_ups)


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
