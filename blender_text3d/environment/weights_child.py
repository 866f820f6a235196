# SPDX-License-Identifier: GPL-3.0-or-later
"""The weights' command line as a child in the worker's environment: list, fetch, import, remove."""

import json
import os
from pathlib import Path
from typing import Any

from .child import Child
from .paths import HOME_VARIABLE


class WeightsChild(Child):
    """One child that does one thing with weights. A download that is stopped goes on from there next time."""

    def __init__(self, python: Path, folder: Path, what: str, *words: str):
        """Prepares, starts nothing.

        Args:
            python: The worker's.
            folder: The data folder: weights lie below it, and what it says is kept in it while it runs.
            what: "list", "fetch", "import" or "remove".
            words: The rest of the command line: names, or a folder and names.
        """
        output = folder / f"weights-{what}-{os.getpid()}.jsonl"
        super().__init__(str(python), "engine.weights", ["--json", what, *words], output, {HOME_VARIABLE: str(folder)})
        self._offset_bytes = 0
        self._last_line = ""

    def news(self) -> list[dict[str, Any]]:
        """What it said since the last call, oldest first: objects as engine/weights/news.py and console.py say."""
        lines = self._new_lines()
        self._last_line = next((line for line in reversed(lines) if line.strip()), self._last_line)
        return [said for line in lines if isinstance(said := _object(line), dict)]

    def last_words(self) -> str:
        """The last line of all, which may be an error of Python's own."""
        return self._last_line.strip()

    def exit_code(self) -> int | None:
        """None while it runs."""
        return None if self._process is None or self.is_alive() else self._process.returncode

    def _new_lines(self) -> list[str]:
        try:
            with self.output.open("rb") as file:
                file.seek(self._offset_bytes)
                appended = file.read()
        except OSError:
            return []
        whole = appended[: appended.rfind(b"\n") + 1]
        self._offset_bytes += len(whole)
        return whole.decode("utf-8", "replace").splitlines()


def _object(line: str) -> Any:
    try:
        return json.loads(line)
    except ValueError:
        return None
