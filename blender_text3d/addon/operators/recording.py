# SPDX-License-Identifier: GPL-3.0-or-later
"""The operator that opens the recording of a result in the Rerun viewer."""

from pathlib import Path

import bpy

from ...client.results.entry import file_version
from ...protocol.failures import Reason
from ...protocol.job_folder import JobFolder
from ...system.untrusted_files import is_plain_name
from ..background.recording_task import recording_task
from ..settings.choices import choices
from ..state.problem import Problem
from ..state.session_state import state
from .background_process import wait_for
from .generate import WorkerOperator, fail
from .recipe import active_recipe


class TEXT3D_OT_open_recording(WorkerOperator, bpy.types.Operator):
    """Show every step of this result in the Rerun viewer"""

    bl_idname = "text3d.open_recording"
    bl_label = "Open Recording"

    job_id: bpy.props.StringProperty(
        name="Job", description="Name of the job folder. Empty: the active object's", options={"SKIP_SAVE"}
    )

    def execute(self, context: bpy.types.Context) -> set[str]:
        folder = self.folder(context)
        if folder is None or file_version(folder.rrd) is None:  # a link may lead out of the folder
            self.report({"WARNING"}, "This result has no recording.")
            return {"CANCELLED"}
        state.problem = None
        try:
            recording_task.open(folder)
        except OSError as error:
            return fail(self, Problem(f"Rerun could not be started: {error}.", reason=Reason.REPAIR))
        return wait_for(self, recording_task)

    def folder(self, context: bpy.types.Context) -> JobFolder | None:
        """Return the job folder, or None without a valid name."""
        name: object = self.job_id or (active_recipe(context) or {}).get("job_id")
        return JobFolder(Path(choices().jobs_dir) / str(name)) if is_plain_name(name) else None


CLASSES = (TEXT3D_OT_open_recording,)
