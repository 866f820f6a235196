# SPDX-License-Identifier: GPL-3.0-or-later
"""The run on a cluster that the panel follows: a child process of this Blender, or what an earlier one has started."""

from pathlib import Path
from typing import Any

import bpy

from ...client.cluster_run import FOLDER_NAME, ClusterRun
from ...client.run_status import FAILED, FINISHED, STARTING, FollowedRun, RunStatus
from ...protocol.failures import Reason
from ...system.untrusted_files import is_plain_name, read_json
from ..state.count_text import counted
from ..state.problem import Problem
from ..state.session_state import state
from .followed_child import FollowedChild

REMEMBERED_NAME = "cluster-run.json"
MAX_REMEMBERED_BYTES = 10_000
NEEDS_RAY = "Ray is not installed"


class EarlierRun(FollowedRun):
    """A run that an earlier Blender started."""

    def __init__(self, folder: Path, output: Path) -> None:
        self.folder, self.output = folder, output

    def is_alive(self) -> bool:
        """True until the run has ended or has been silent for long."""
        status = self.status()
        return status is not None and not status.is_ended and not status.is_silent


class ClusterTask(FollowedChild):
    """At most one run. It continues when Blender exits, and the next Blender follows it.

    Attributes:
        status: What the run has written last.
        folder: The output folder of the newest run, or None.
        log: Its log, or None.
        is_stop_requested: True if the run was asked to stop.
    """

    INTERVAL_S = 0.5

    def __init__(self) -> None:
        super().__init__()
        self.status = RunStatus(STARTING)
        self.folder: Path | None = None
        self.log: Path | None = None
        self.is_stop_requested = False
        self._looked_in: Path | None = None

    def start(self, run: ClusterRun, data_dir: Path) -> None:
        """Start a run and follow it.

        Raises:
            OSError: It cannot be started.
        """
        self._follow(run)
        remember(data_dir, run)

    def find_earlier(self, data_dir: Path) -> None:
        """Follow the run that an earlier Blender has started, if there is one; looked for once a data folder."""
        if self.child is not None or self._looked_in == data_dir:
            return
        self._looked_in = data_dir
        run = remembered(data_dir)
        if run and run.is_alive():
            self.child, self.folder, self.log, self.is_stopped = run, run.folder, run.output, False
            self.status = run.status() or self.status
            if not bpy.app.background:
                bpy.app.timers.register(self._timer, first_interval=self.INTERVAL_S, persistent=True)

    def read(self, child: Any) -> bool:
        """Read the status. Return True if the run has ended."""
        has_ended = not child.is_alive()  # checked first: its last status is then in the file
        self.status = child.status() or self.status
        return has_ended

    def finish(self, child: Any) -> None:
        """Tell how the run ended."""
        status = self.status
        if status.state == FINISHED:
            state.notice(f"{counted(status.done, 'object')} made{failed_text(status)}. They are among the results.")
        elif not status.is_ended or status.state == FAILED:
            state.problem = problem_of(status, child.last_sentence(), child.folder)

    def request_stop(self) -> None:
        """Ask the run to stop; what its processes make now is kept.

        Raises:
            OSError: The output folder cannot be written.
        """
        if self.child is not None:
            self.child.request_stop()
            self.is_stop_requested = True

    def detach(self) -> None:
        """Stop following the run, which goes on."""
        self._looked_in = None
        super().detach()

    def _follow(self, run: ClusterRun) -> None:
        self.status, self.folder, self.log = RunStatus(STARTING), run.folder, run.output
        self.is_stop_requested = False
        self.follow(run)


def failed_text(status: RunStatus) -> str:
    """Return the number of failures as the end of a sentence, or ""."""
    return f", {status.failed} failed" if status.failed else ""


def problem_of(status: RunStatus, sentence: str, folder: Path) -> Problem:
    """Return the problem of a run that did not end well; `sentence` is the last one of its log."""
    text = status.reason or sentence or "It ended without a reason."
    if NEEDS_RAY in text:
        return Problem("The package Ray is not installed.", "Install it here, then send again.", Reason.MISSING_RAY)
    made = f" Kept: {counted(status.done, 'object')}." if status.done else ""
    return Problem(f"The run has ended: {text}{made}", f"See the log in {folder}.", Reason.CLUSTER)


def remember(data_dir: Path, run: ClusterRun) -> None:
    """Write down the newest run for the next Blender; a disk that refuses it does not matter."""
    import json
    from contextlib import suppress

    from ...system.files import replace_content

    with suppress(OSError):
        content = {"folder": str(run.folder), "log": run.output.name}
        replace_content(data_dir / REMEMBERED_NAME, json.dumps(content).encode())


def remembered(data_dir: Path) -> EarlierRun | None:
    """Return the newest run that was written down, or None."""
    try:
        values = read_json(data_dir / REMEMBERED_NAME, MAX_REMEMBERED_BYTES, follow_links=False)
        folder, log = values["folder"], values["log"]
    except (OSError, ValueError, TypeError, KeyError):
        return None
    if not (isinstance(folder, str) and Path(folder).is_absolute() and is_plain_name(log)):
        return None
    return EarlierRun(Path(folder), data_dir / FOLDER_NAME / log)


cluster_task = ClusterTask()
