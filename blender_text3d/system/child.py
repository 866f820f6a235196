# SPDX-License-Identifier: GPL-3.0-or-later
"""A module of this package run as a child process whose output goes to a file, followed without a thread."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from .run_logged import clean_environment
from .run_module import python_options

PACKAGE = Path(__file__).resolve().parent.parent
PYTHON_OPTIONS = ("-I", "-B")  # bytecode written while Blender replaces the package would block the new version
EXIT_WITHIN_S = 1.0  # wait after stop(): most children exit at once, and Blender's interface is blocked meanwhile
KILL_AFTER_S = 20.0

NEW_GROUP_FLAGS = 0
if sys.platform == "win32":
    NEW_GROUP_FLAGS = subprocess.CREATE_NEW_PROCESS_GROUP


class Child:
    """A child process. It continues when Blender exits, and finishes its work."""

    def __init__(
        self, python: str, module: str, arguments: list[str], output: Path, variables: dict[str, str] | None = None
    ):
        """Prepare the command, and start nothing.

        Args:
            python: The interpreter that runs the module.
            module: Name of the module inside this package.
            arguments: Its command line.
            output: The file that receives its output.
            variables: Environment variables added to those of this process.
        """
        self._command = [python, *PYTHON_OPTIONS, *python_options(PACKAGE, module), *arguments]
        self.output, self._variables = output, variables or {}
        self._process: subprocess.Popen[bytes] | None = None
        self._kill_at_s: float | None = None

    def start(self) -> None:
        """Start the process.

        Raises:
            OSError: The output cannot be written or Python cannot be started.
        """
        self.output.parent.mkdir(parents=True, exist_ok=True)
        with open(self.output, "w", encoding="utf-8") as output:
            # In its own group, Ctrl+C in Blender's terminal does not end it, and stop() reaches the pip that it runs.
            self._process = subprocess.Popen(
                self._command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
                env=clean_environment() | self._variables,
                creationflags=NEW_GROUP_FLAGS, start_new_session=sys.platform != "win32",
            )  # fmt: skip

    def is_alive(self) -> bool:
        """True while it runs; kills a child that was stopped and did not exit in time."""
        if self._process is None or self._process.poll() is not None:
            return False
        if self._kill_at_s is not None and time.monotonic() > self._kill_at_s:
            _send_stop(self._process, force=True)
        return True

    def exit_code(self) -> int | None:
        """Return the exit code, or None while it runs or if it was not started."""
        return None if self._process is None or self.is_alive() else self._process.returncode

    def stop(self) -> None:
        """Ask the child and the programs that it runs to exit, and wait up to EXIT_WITHIN_S."""
        if self._process is None or not self.is_alive():
            return
        if self._kill_at_s is None:
            self._kill_at_s = time.monotonic() + KILL_AFTER_S
            _send_stop(self._process, force=False)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=EXIT_WITHIN_S)

    def kill(self) -> None:
        """End the child and the programs that it runs at once."""
        if self._process is not None and self._process.poll() is None:
            _send_stop(self._process, force=True)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(timeout=EXIT_WITHIN_S)

    def remove_output(self) -> None:
        """Remove the output file."""
        with contextlib.suppress(OSError):
            self.output.unlink()


def _send_stop(process: subprocess.Popen[bytes], *, force: bool) -> None:
    try:
        if sys.platform != "win32":
            os.killpg(process.pid, signal.SIGKILL if force else signal.SIGTERM)
        elif force:
            process.kill()
        else:
            process.send_signal(signal.CTRL_BREAK_EVENT)
    except OSError:  # it has exited; or, on Windows, no console reaches its group
        with contextlib.suppress(OSError):
            process.kill()
