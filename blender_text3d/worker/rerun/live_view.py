# SPDX-License-Identifier: GPL-3.0-or-later
"""The worker's end of a live view: a viewer, and a relay process that feeds it from the growing job.rrd.

A process of its own because Rerun's client waits without end for a viewer that has stopped reading. The worker only
starts things, writes one short line a job, and looks whether they still run.
"""

import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from ...protocol.job_folder import JobFolder
from ...system.run_module import python_options
from .viewer import Viewer, has_display, start_viewer, viewer_executable

STILL_RECORDED = "The job goes on, and its recording is in job.rrd."
NO_PROGRAM = f"The worker's environment has no Rerun viewer: repair it in the preferences. {STILL_RECORDED}"
NO_DISPLAY = f"There is no display to open a Rerun viewer on: open job.rrd on another machine. {STILL_RECORDED}"
PACKAGE = Path(__file__).absolute().parents[2]


class LiveView:
    """The one viewer of a worker, opened when first asked for and used again by the jobs after."""

    def __init__(self, executable: Callable[[], Path | None] = viewer_executable) -> None:
        self._executable = executable
        self._viewer: Viewer | None = None
        self._relay: subprocess.Popen | None = None
        self._address = ""
        self._troubles: list[str] = []

    def follow(self, job: JobFolder, wish: str) -> None:
        """Show this job from now on.

        Args:
            wish: Request.viewer: "" for nothing, "spawn", or an address.
        """
        try:
            address = self._spawned_address() if wish == "spawn" else wish
            if address:
                self._send(address, job)
        except OSError as error:
            self._troubles.append(f"The Rerun viewer cannot be reached ({error}). {STILL_RECORDED}")

    def troubles(self) -> list[str]:
        """What went wrong since the last look, as sentences for the user."""
        if self._relay and not self._is_fed():
            self.close()
            self._troubles.append(f"The Rerun viewer at {self._address} is closed or not answering. {STILL_RECORDED}")
        told, self._troubles = self._troubles, []
        return told

    def close(self) -> None:
        """Let the relay send what is left; it ends by itself soon after, and the viewer stays open."""
        relay, self._relay = self._relay, None
        if relay:
            with suppress(OSError):
                relay.stdin.close()

    def _spawned_address(self) -> str:
        if self._viewer and self._viewer.is_running():
            return self._viewer.address
        executable = self._executable()
        if executable is None or not has_display(os.environ):
            self._troubles.append(NO_DISPLAY if executable else NO_PROGRAM)
            return ""
        self._viewer = start_viewer(executable)
        return self._viewer.address

    def _is_fed(self) -> bool:
        """Whether the relay runs, and our viewer too if that is the one it feeds."""
        is_ours = self._viewer is not None and self._viewer.address == self._address
        return self._relay is not None and self._relay.poll() is None and (not is_ours or self._viewer.is_running())

    def _send(self, address: str, job: JobFolder) -> None:
        if address != self._address or not self._is_fed():
            self.close()
            self._relay, self._address = start_relay(address), address
        self._relay.stdin.write(f"{job.path}\n".encode())
        self._relay.stdin.flush()


def start_relay(address: str) -> subprocess.Popen:
    """A child that reads job folders, a line each, and sends their recordings to the viewer at this address."""
    return subprocess.Popen(
        [sys.executable, "-u", *python_options(PACKAGE, "worker.rerun.relay"), address],
        cwd=PACKAGE.parent,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
