# SPDX-License-Identifier: GPL-3.0-or-later
"""Parts of operators on background processes: wait for the end, cancel, and choose a folder to work on."""

from typing import Any

import bpy

from ..state.problem import Problem
from ..state.session_state import state
from .generate import fail


def wait_for(operator: bpy.types.Operator, task: Any) -> set[str]:
    """Return at once in a window; in background mode, wait for the end of the process and report a problem."""
    if not bpy.app.background:
        return {"FINISHED"}
    task.wait()
    return fail(operator, state.problem) if state.problem else {"FINISHED"}


class StopOperator:
    """An operator that ends a background process.

    Attributes:
        task: The process, a FollowedChild.
    """

    bl_label = "Cancel"
    bl_options = {"INTERNAL"}
    task: Any

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        running: bool = cls.task.is_running()
        return running

    def execute(self, context: bpy.types.Context) -> set[str]:
        self.task.stop()
        return {"FINISHED"}


class FolderOperator:
    """An operator on a folder that the user chooses.

    Attributes:
        wanted: The folder that is wanted, for the error if none was chosen.
    """

    directory: bpy.props.StringProperty(name="Folder", subtype="DIR_PATH")
    wanted: str

    def invoke(self: Any, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def execute(self: Any, context: bpy.types.Context) -> set[str]:
        folder = bpy.path.abspath(self.directory)
        done: set[str] = (
            self.run(folder) if folder else fail(self, Problem(f"No folder was chosen. Choose {self.wanted}."))
        )
        return done

    def run(self: Any, folder: str) -> set[str]:
        """Run the operator on a folder."""
        raise NotImplementedError
