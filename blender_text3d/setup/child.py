# SPDX-License-Identifier: GPL-3.0-or-later
"""Starting one of our programs as a child process and following it, without a thread: what it says goes to a file."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from .progress import Progress, newest_progress
from .running import clean_environment

PACKAGE = Path(__file__).resolve().parent.parent
# The folder with our package goes last on the path: its neighbours are other extensions, whose names may be those
# of real modules.
RUN = "import runpy, sys; sys.path.append({parent!r}); runpy.run_module({module!r}, run_name='__main__')"
# Bytecode that is written while Blender replaces the package keeps the new one from its place.
OPTIONS = ("-I", "-B")

# Ctrl+C in Blender's terminal must not end it, and stop() must reach the pip that it runs.
OWN_GROUP = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP} if os.name == "nt" else {"start_new_session": True}


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
        run = RUN.format(parent=str(PACKAGE.parent), module=f"{PACKAGE.name}.{module}")
        self._command = [python, *OPTIONS, "-c", run, *arguments]
        self.output, self._variables = output, variables or {}
        self._process: subprocess.Popen | None = None

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
        return self._process is not None and self._process.poll() is None

    def stop(self) -> None:
        """End the child and whatever it runs."""
        if not self.is_alive():
            return
        if os.name == "nt":
            self._process.send_signal(signal.CTRL_BREAK_EVENT)
        else:
            os.killpg(self._process.pid, signal.SIGTERM)
        self._process.wait(timeout=10)


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
        super().__init__(sys.executable, "setup", arguments, env_dir.with_name(env_dir.name + ".setup.jsonl"))

    def progress(self) -> Progress:
        """The newest news; a child that ended without a last word gives state "failed"."""
        has_ended = not self.is_alive()  # asked first: what it said last is then in the file
        newest = newest_progress(self.output.read_text(encoding="utf-8", errors="replace")) or Progress("Starting")
        if has_ended and newest.state == "working":
            return Progress(f"The set-up stopped after: {newest.message}.", newest.share, "failed", "Start it again.")
        return newest
