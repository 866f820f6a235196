# SPDX-License-Identifier: GPL-3.0-or-later
"""The background Blender that renders a turntable."""

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from ...protocol.failures import Reason
from .. import redraw
from ..state.problem import Problem
from ..state.session_state import state
from .background_blender import BackgroundBlender
from .followed_child import FollowedChild

PROGRAM = "scene.render_turntable"
MAX_REASON_LENGTH = 200


class TurntableTask(FollowedChild):
    """At most one turntable.

    Attributes:
        path: The folder or file that it is written to.
        total: Number of its frames.
        done: Number of rendered frames.
    """

    def __init__(self) -> None:
        super().__init__()
        self.path, self.total, self.done = Path(), 0, 0
        self._folder: Path | None = None

    def render(self, write: Callable[[Path], None], path: Path, total: int) -> None:
        """Write what is rendered to a folder, and start the process, which removes it at the end.

        Args:
            write: Writes the objects and the settings to the folder.
            path: The folder or file that the turntable is written to.
            total: Number of frames.

        Raises:
            OSError, RuntimeError: The folder cannot be written, or the process cannot be started.
        """
        folder = Path(tempfile.mkdtemp(prefix="text3d-turntable-"))
        try:
            write(folder)
            self.follow(BackgroundBlender(PROGRAM, folder, folder.with_name(f"{folder.name}.log")))
        except (OSError, RuntimeError):
            shutil.rmtree(folder, ignore_errors=True)
            raise
        self._folder, self.path, self.total, self.done = folder, path, total, 0

    def read(self, child: BackgroundBlender) -> bool:
        """Count the frames; return True if the process has ended."""
        has_ended = not child.is_alive()
        newest = child.last("view")
        self.done = newest if isinstance(newest, int) else self.done
        return has_ended

    def finish(self, child: BackgroundBlender) -> None:
        """Tell where the turntable is, or why there is none."""
        if self._folder:
            shutil.rmtree(self._folder, ignore_errors=True)  # of a process that was stopped
        code = child.exit_code()
        if self.is_stopped:
            state.notice("The turntable was canceled.")
        elif code == 0:
            state.notice(f"The turntable is in {self.path}.")
        else:
            reason = child.last("error") or f"Blender ended with exit code {code}"
            message = f"The turntable could not be rendered ({str(reason)[:MAX_REASON_LENGTH]})."
            state.problem = Problem(message, "Change its settings and try again.", Reason.OWN_ERROR)
        redraw.panels()


turntable_task = TurntableTask()
