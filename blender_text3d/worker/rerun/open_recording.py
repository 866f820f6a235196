# SPDX-License-Identifier: GPL-3.0-or-later
"""Open a job's recording in a Rerun viewer, which stays open when this program has ended. Its argument is the file."""

import os
import subprocess
import sys
from pathlib import Path

from .viewer import LOOPBACK, free_port, has_display, viewer_environment, viewer_executable

NOT_INSTALLED = "Rerun is not installed. Press Check and Repair in the preferences."
NO_DISPLAY = "Rerun could not open a window, because this session has no display."


def main() -> int:
    """Start the viewer, or print why it cannot be started. Return the exit code."""
    executable = viewer_executable()
    if executable is None or not has_display(os.environ):
        sys.stdout.write(f"{NO_DISPLAY if executable else NOT_INSTALLED}\n")
        return 1
    open_recording(executable, Path(sys.argv[1]).absolute())
    return 0


def open_recording(executable: Path, recording: Path) -> subprocess.Popen[bytes]:
    """Start a viewer of its own for a recording; it sends nothing to the internet.

    Raises:
        OSError: The program cannot be started.
    """
    return subprocess.Popen(
        [str(executable), "--bind", LOOPBACK, "--port", str(free_port()), str(recording)],
        env=viewer_environment(os.environ),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=sys.platform != "win32",
        creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
    )


if __name__ == "__main__":
    raise SystemExit(main())
