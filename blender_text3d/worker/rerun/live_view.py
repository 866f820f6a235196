# SPDX-License-Identifier: GPL-3.0-or-later
"""LiveView: a Rerun viewer for the worker's jobs, fed by a relay process that follows each growing job.rrd.

The relay is a separate process because Rerun's client may wait forever for a viewer that does not respond. The worker
only starts processes, writes one short line per job, and checks that they are still running.
"""

import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import IO

from ...protocol.job_folder import JobFolder
from ...system.run_module import python_options
from .viewer import Viewer, has_display, start_viewer, viewer_executable

STILL_RECORDED = "The job continues and is recorded: Open Recording shows it later."
NO_PROGRAM = f"Rerun is not installed. Press Check and Repair in the preferences. {STILL_RECORDED}"
NO_DISPLAY = f"Rerun could not open a window, because this session has no display. {STILL_RECORDED}"
PACKAGE = Path(__file__).absolute().parents[2]


class LiveView:
    """The one viewer of a worker, opened on first request and used by all later jobs.

    Args:
        executable: Returns the path of the viewer, or None if it is not installed.
    """

    def __init__(self, executable: Callable[[], Path | None] = viewer_executable) -> None:
        self._executable = executable
        self._viewer: Viewer | None = None
        self._relay: subprocess.Popen[bytes] | None = None
        self._address = ""
        self._problems: list[str] = []

    def follow(self, folder: JobFolder, viewer: str) -> None:
        """Show a job from now on.

        Args:
            folder: The job folder.
            viewer: Request.viewer: "" for no viewer, "spawn", or an address.
        """
        try:
            address = self._spawned_address() if viewer == "spawn" else viewer
            if address:
                self._send(address, folder)
        except OSError as error:
            self._problems.append(f"Rerun cannot be reached ({error.strerror or error}). {STILL_RECORDED}")

    def take_problems(self) -> list[str]:
        """Return the problems since the last call, as sentences for the user."""
        if self._relay and not self._is_connected():
            self.close()
            is_own = self._viewer is not None and self._viewer.address == self._address
            place = "" if is_own else f" at {self._address}"
            self._problems.append(f"The Rerun viewer{place} is closed or not responding. {STILL_RECORDED}")
        problems, self._problems = self._problems, []
        return problems

    def close(self) -> None:
        """Let the relay send its pending data and exit; the viewer stays open."""
        relay, self._relay = self._relay, None
        if relay:
            with suppress(OSError):
                _stdin_of(relay).close()

    def _spawned_address(self) -> str:
        if self._viewer and self._viewer.is_running():
            return self._viewer.address
        executable = self._executable()
        if executable is None or not has_display(os.environ):
            self._problems.append(NO_DISPLAY if executable else NO_PROGRAM)
            return ""
        self._viewer = start_viewer(executable)
        return self._viewer.address

    def _is_connected(self) -> bool:
        """True if the relay is running, and so is the viewer that it feeds if this worker started it."""
        own_viewer = self._viewer if self._viewer and self._viewer.address == self._address else None
        return self._relay is not None and self._relay.poll() is None and (not own_viewer or own_viewer.is_running())

    def _send(self, address: str, folder: JobFolder) -> None:
        if self._relay is None or address != self._address or not self._is_connected():
            self.close()
            self._relay, self._address = start_relay(address), address
        stdin = _stdin_of(self._relay)
        stdin.write(f"{folder.path}\n".encode())
        stdin.flush()


def start_relay(address: str) -> subprocess.Popen[bytes]:
    """Start a process that reads job folders, one a line, and sends their recordings to the viewer at an address."""
    return subprocess.Popen(
        [sys.executable, "-u", *python_options(PACKAGE, "worker.rerun.relay"), address],
        cwd=PACKAGE.parent,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def _stdin_of(process: subprocess.Popen[bytes]) -> IO[bytes]:
    assert process.stdin is not None
    return process.stdin
