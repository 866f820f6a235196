# SPDX-License-Identifier: GPL-3.0-or-later
"""The child process that opens a job's recording in the Rerun viewer, and exits at once."""

import os

from ...protocol.failures import Reason
from ...protocol.job_folder import JobFolder
from ...system.child import Child
from ..settings.choices import choices
from ..state.problem import Problem
from ..state.session_state import state
from .followed_child import FollowedChild

MODULE = "worker.rerun.open_recording"


class RecordingTask(FollowedChild):
    """At most one viewer that is being opened."""

    def open(self, folder: JobFolder) -> None:
        """Start a viewer with the recording of a job.

        Raises:
            OSError: The child cannot be started.
        """
        chosen = choices()
        output = chosen.jobs_dir.parent / f"recording-{os.getpid()}.log"
        self.follow(Child(str(chosen.python), MODULE, [str(folder.rrd.absolute())], output))

    def read(self, child: Child) -> bool:
        """Return True if the viewer was started, or could not be."""
        return not child.is_alive()

    def finish(self, child: Child) -> None:
        """Report why no viewer was opened."""
        if child.exit_code():
            lines = child.output.read_text(encoding="utf-8", errors="replace").strip().splitlines()
            message = lines[-1] if lines else f"Rerun could not be started (exit code {child.exit_code()})."
            state.problem = Problem(message, reason=Reason.REPAIR)


recording_task = RecordingTask()
