# SPDX-License-Identifier: GPL-3.0-or-later
"""Starting the maker as a child process and following it, without a thread: what it says goes to a file."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from .pip_run import clean_environment
from .progress import Progress, newest_progress

PACKAGE = Path(__file__).resolve().parent.parent
# The folder with our package goes last on the path: its neighbours are other extensions, whose names may be those
# of real modules.
RUN = "import runpy, sys; sys.path.append({parent!r}); runpy.run_module({module!r}, run_name='__main__')"

# Ctrl+C in Blender's terminal must not end it, and stop() must reach the pip that it runs.
OWN_GROUP = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP} if os.name == "nt" else {"start_new_session": True}


class SetupChild:
    """One child that makes an environment. It goes on when Blender ends, and finishes its work."""

    def __init__(self, env_dir: Path, *, python: str = "", torch: str = "auto"):
        """Prepares, starts nothing.

        Args:
            env_dir: The environment.
            python: Interpreter to build on; "" to search.
            torch: PyTorch's build, as in make.
        """
        self._arguments = ["make", "--env", str(env_dir), "--torch", torch, *(["--python", python] if python else [])]
        self._env_dir = Path(env_dir).absolute()
        self._process: subprocess.Popen | None = None

    @property
    def output(self) -> Path:
        """The file of JSON lines, beside the environment."""
        return self._env_dir.with_name(self._env_dir.name + ".setup.jsonl")

    def start(self) -> None:
        """Start the child.

        Raises:
            OSError: The folder cannot be written or Python cannot be started.
        """
        self.output.parent.mkdir(parents=True, exist_ok=True)
        code = RUN.format(parent=str(PACKAGE.parent), module=f"{PACKAGE.name}.setup")
        with open(self.output, "w", encoding="utf-8") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-c", code, *self._arguments],
                stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, env=clean_environment(), **OWN_GROUP,
            )  # fmt: skip

    def is_alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def progress(self) -> Progress:
        """The newest news; a child that ended without a last word gives state "failed"."""
        has_ended = not self.is_alive()  # asked first: what it said last is then in the file
        newest = newest_progress(self.output.read_text(encoding="utf-8", errors="replace")) or Progress("Starting")
        if has_ended and newest.state == "working":
            return Progress(f"The set-up stopped after: {newest.message}.", newest.share, "failed", "Start it again.")
        return newest

    def stop(self) -> None:
        """End the child and the pip that it runs; the next start repairs what is left."""
        if not self.is_alive():
            return
        if os.name == "nt":
            self._process.send_signal(signal.CTRL_BREAK_EVENT)
        else:
            os.killpg(self._process.pid, signal.SIGTERM)
        self._process.wait(timeout=10)
