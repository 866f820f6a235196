# SPDX-License-Identifier: GPL-3.0-or-later
"""Child processes that act on the environment and on the models' weights."""

import contextlib
import json
import os
import secrets
import sys
import time
from pathlib import Path
from typing import Any

from ..system.child import Child
from ..system.user_folders import HOME_VARIABLE
from .progress import Progress, last_progress

STALE_AFTER_S = 3600.0  # a running child writes more often than this


class EnvironmentChild(Child):
    """An action on an environment. If it is stopped, the environment in use is kept."""

    def __init__(
        self, env_dir: Path, action: str = "make", *, python: str = "", torch: str = "auto", torch_index: str = "",
        kit: str = "", part: str = "",
    ):  # fmt: skip
        """Prepare the command, and start nothing.

        Args:
            env_dir: The environment's folder.
            action: One of actions.ACTIONS.
            python: Interpreter to build on or to test; "" to search for one.
            torch, torch_index: PyTorch build, as in create.Options.
            kit: Folder of an offline kit; "" for the network.
            part: An optional part, for the actions on one.
        """
        given = {"--python": python, "--torch-index": torch_index, "--kit": kit, "--part": part}
        arguments = [action, "--env", str(env_dir), "--torch", torch]
        for option, value in given.items():
            arguments += [option, value] if value else []
        env_dir = Path(env_dir).absolute()
        self._name = f"{env_dir.name}.setup"
        output = env_dir.with_name(f"{self._name}-{os.getpid()}-{secrets.token_hex(4)}.jsonl")
        super().__init__(sys.executable, "environment", arguments, output)
        self._last: Progress | None = None

    def start(self) -> None:
        """Start the child, and remove output files of earlier ones that were never read."""
        self._last = None
        super().start()
        remove_stale_files(self.output.parent, f"{self._name}*.jsonl")

    def progress(self) -> Progress:
        """Return the latest progress; the state is "failed" if the child exited without a last line."""
        if self._last:
            return self._last
        has_exited = not self.is_alive()  # before reading, so that the file is complete if it has
        latest = last_progress(_read(self.output)) or Progress("Starting")
        if not has_exited:
            return latest
        if latest.state == "working":
            latest = Progress(f"Setup stopped during: {latest.message}.", latest.share, "failed", "Start it again.")
        self._last = latest
        self.remove_output()
        return latest


class WeightsChild(Child):
    """A command of the weights' command line, run in the worker's environment. A stopped download can be resumed."""

    def __init__(self, python: Path, folder: Path, command: str, *arguments: str):
        """Prepare the command, and start nothing.

        Args:
            python: The worker's Python.
            folder: The data folder, which also holds the output file.
            command: "list", "fetch", "import" or "remove".
            arguments: The rest of the command line: names, or a folder and names.
        """
        output = folder / f"weights-{command}-{os.getpid()}.jsonl"
        command_line = ["--json", command, *arguments]
        super().__init__(str(python), "engine.weights", command_line, output, {HOME_VARIABLE: str(folder)})
        self._offset_bytes = 0
        self._last_line = ""

    def new_messages(self) -> list[dict[str, Any]]:
        """Return the messages since the last call, oldest first, as engine/weights prints them with --json."""
        lines = self._new_lines()
        self._last_line = next((line for line in reversed(lines) if line.strip()), self._last_line)
        return [message for line in lines if isinstance(message := _parse(line), dict)]

    def last_line(self) -> str:
        """Return the last line of output, which may be an error of Python itself."""
        return self._last_line.strip()

    def _new_lines(self) -> list[str]:
        try:
            with self.output.open("rb") as file:
                file.seek(self._offset_bytes)
                appended = file.read()
        except OSError:
            return []
        complete = appended[: appended.rfind(b"\n") + 1]
        self._offset_bytes += len(complete)
        return complete.decode("utf-8", "replace").splitlines()


def remove_stale_files(folder: Path, pattern: str) -> None:
    """Remove output files that no running child can write to: Blender may exit before it has read them."""
    for path in folder.glob(pattern):
        with contextlib.suppress(OSError):
            if time.time() - path.stat().st_mtime > STALE_AFTER_S:
                path.unlink()


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:  # another process removed it
        return ""


def _parse(line: str) -> Any:
    try:
        return json.loads(line)
    except ValueError:
        return None
