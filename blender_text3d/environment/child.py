# SPDX-License-Identifier: GPL-3.0-or-later
"""Starting one of our programs as a child process and following it, without a thread: what it says goes to a file."""

import contextlib
import os
import secrets
import signal
import subprocess
import sys
import time
from pathlib import Path

from ..system.run_logged import clean_environment
from ..system.run_module import python_options
from .progress import Progress, newest_progress

PACKAGE = Path(__file__).resolve().parent.parent
# Bytecode that is written while Blender replaces the package keeps the new one from its place.
OPTIONS = ("-I", "-B")

# Ctrl+C in Blender's terminal must not end it, and stop() must reach the pip that it runs.
OWN_GROUP = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP} if os.name == "nt" else {"start_new_session": True}


RETRY_FOR_S = 1.0  # most children end at once when they are asked; Blender stands still for this long at most
GRACE_S = 20.0  # then it is killed, even if it still clears away what it made
SILENT_TOO_LONG_S = 3600.0  # no child that works is silent for so long


class Child:
    """One program of ours in a process of its own. It goes on when Blender ends, and finishes its work."""

    def __init__(
        self, python: str, module: str, arguments: list[str], output: Path, variables: dict[str, str] | None = None
    ):
        """Prepares, starts nothing.

        Args:
            python: The interpreter that runs it.
            module: Its name inside our package.
            arguments: Its command line.
            output: The file of JSON lines that it says.
            variables: Environment variables beside this process's own.
        """
        self._command = [python, *OPTIONS, *python_options(PACKAGE, module), *arguments]
        self.output, self._variables = output, variables or {}
        self._process: subprocess.Popen | None = None
        self._kill_at_s: float | None = None

    def start(self) -> None:
        """Start the child.

        Raises:
            OSError: The folder cannot be written or Python cannot be started.
        """
        self.output.parent.mkdir(parents=True, exist_ok=True)
        with open(self.output, "w", encoding="utf-8") as output:
            self._process = subprocess.Popen(
                self._command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
                env=clean_environment() | self._variables, **OWN_GROUP,
            )  # fmt: skip

    def is_alive(self) -> bool:
        """Whether it runs. One that was stopped and has not ended in time is killed here."""
        if self._process is None or self._process.poll() is not None:
            return False
        if self._kill_at_s is not None and time.monotonic() > self._kill_at_s:
            self._end(is_polite=False)
        return True

    def stop(self) -> None:
        """Ask the child, and whatever it runs, to end; most have ended when this returns, within about a second."""
        if not self.is_alive():
            return
        if self._kill_at_s is None:
            self._kill_at_s = time.monotonic() + GRACE_S
            self._end(is_polite=True)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=RETRY_FOR_S)

    def forget(self) -> None:
        """Remove the file of what it said."""
        with contextlib.suppress(OSError):
            self.output.unlink()

    def _end(self, *, is_polite: bool) -> None:
        try:
            if os.name != "nt":
                os.killpg(self._process.pid, signal.SIGTERM if is_polite else signal.SIGKILL)
            elif is_polite:
                self._process.send_signal(signal.CTRL_BREAK_EVENT)
            else:
                self._process.kill()
        except OSError:  # it has just ended; or Windows reaches its group by no console
            with contextlib.suppress(OSError):
                self._process.kill()


class SetupChild(Child):
    """One child that does something with an environment. Stopped, it leaves what was in use."""

    def __init__(
        self, env_dir: Path, action: str = "make", *, python: str = "", torch: str = "auto", torch_index: str = "",
        kit: str = "",
    ):  # fmt: skip
        """Prepares, starts nothing.

        Args:
            env_dir: The environment.
            action: As in actions: "make", "repair", "remove", "try".
            python: Interpreter to build on, or to try; "" to search.
            torch, torch_index: PyTorch's build, as in make.
            kit: An offline kit's folder; "" for the network.
        """
        arguments = [action, "--env", str(env_dir), "--torch", torch]
        for option, value in (("--python", python), ("--torch-index", torch_index), ("--kit", kit)):
            arguments += [option, value] if value else []
        env_dir = Path(env_dir).absolute()
        self._name = f"{env_dir.name}.setup"
        output = env_dir.with_name(f"{self._name}-{os.getpid()}-{secrets.token_hex(4)}.jsonl")
        super().__init__(sys.executable, "environment", arguments, output)
        self._last: Progress | None = None

    def start(self) -> None:
        """Start the child, and remove what children that ended long ago have left unread."""
        self._last = None
        super().start()
        remove_silent(self.output.parent, f"{self._name}*.jsonl")

    def progress(self) -> Progress:
        """The newest news; a child that ended without a last word gives state "failed"."""
        if self._last:
            return self._last
        has_ended = not self.is_alive()  # asked first: what it said last is then in the file
        newest = newest_progress(_text(self.output)) or Progress("Starting")
        if not has_ended:
            return newest
        if newest.state == "working":
            newest = Progress(f"The set-up stopped after: {newest.message}.", newest.share, "failed", "Start it again.")
        self._last = newest
        self.forget()
        return newest


def remove_silent(folder: Path, pattern: str) -> None:
    """Remove the files to which no child can be writing any more: Blender may have ended before it had read them."""
    for path in folder.glob(pattern):
        with contextlib.suppress(OSError):
            if time.time() - path.stat().st_mtime > SILENT_TOO_LONG_S:
                path.unlink()


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:  # somebody removed it
        return ""
