# SPDX-License-Identifier: GPL-3.0-or-later
"""Operators that get the worker running, and those that open what helps."""

import time

import bpy

from . import fetching, setting_up
from .live import desk
from .operators_generate import fail
from .preferences import ADDON, choices
from .trouble import Trouble

OFFLINE = Trouble(
    "Set Up downloads PyTorch and other packages, and Blender's online access is switched off.",
    "Allow it in Preferences, System, Network.",
    "offline_set_up",
)


class TEXT3D_OT_set_up(bpy.types.Operator):
    """Make or repair the Python environment that the worker runs in, a download of up to some gigabytes"""  # noqa: D400, D415

    bl_idname = "text3d.set_up"
    bl_label = "Set Up"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return not setting_up.is_running()

    def execute(self, context: bpy.types.Context) -> set[str]:
        if not bpy.app.online_access:
            return fail(self, OFFLINE)
        try:
            setting_up.begin(choices())
        except OSError as error:
            return fail(self, Trouble(f"The set-up could not be started: {error}.", reason="read_only"))
        return self.wait() if bpy.app.background else {"FINISHED"}

    def wait(self) -> set[str]:
        """Until the environment is made, where there is no window."""
        while setting_up.look() is not None:
            time.sleep(setting_up.INTERVAL_S)
        return fail(self, desk.trouble) if desk.trouble else {"FINISHED"}


class TEXT3D_OT_stop_set_up(bpy.types.Operator):
    """Stop the set-up; the next one goes on from here"""  # noqa: D400, D415

    bl_idname = "text3d.stop_set_up"
    bl_label = "Stop"
    bl_options = {"INTERNAL"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return setting_up.is_running()

    def execute(self, context: bpy.types.Context) -> set[str]:
        setting_up.stop()
        return {"FINISHED"}


class TEXT3D_OT_open_preferences(bpy.types.Operator):
    """Open this add-on's preferences"""  # noqa: D400, D415

    bl_idname = "text3d.open_preferences"
    bl_label = "Open Preferences"
    bl_options = {"INTERNAL"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        fetching.look_again()
        return bpy.ops.preferences.addon_show("INVOKE_DEFAULT", module=ADDON)


class TEXT3D_OT_open_log(bpy.types.Operator):
    """Open what the worker printed"""  # noqa: D400, D415

    bl_idname = "text3d.open_log"
    bl_label = "Open Log"
    bl_options = {"INTERNAL"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        logs = [desk.trouble.job_path / "worker.log"] if desk.trouble and desk.trouble.job_path else []
        logs += [desk.session.worker.log] if desk.session else []
        log = next((log for log in logs if log.is_file()), None)
        if log is None:
            self.report({"WARNING"}, "There is no log: the worker has not printed anything yet.")
            return {"CANCELLED"}
        return bpy.ops.wm.path_open(filepath=str(log))


CLASSES = (TEXT3D_OT_set_up, TEXT3D_OT_stop_set_up, TEXT3D_OT_open_preferences, TEXT3D_OT_open_log)
