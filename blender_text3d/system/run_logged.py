# SPDX-License-Identifier: GPL-3.0-or-later
"""Running another program to its end, line by line, with everything it prints kept in the set-up's log."""

import os
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

DROPPED = {"PYTHONPATH", "PYTHONHOME", "PYTHONSTARTUP", "PIP_TARGET", "PIP_PREFIX", "PIP_USER", "VIRTUAL_ENV"}


@dataclass(frozen=True)
class Log:
    """The set-up's log; without a path it is kept nowhere."""

    path: Path | None = None

    def add(self, text: str) -> None:
        """Append a line; a log that cannot be written must not end a set-up that can."""
        if self.path is None:
            return
        try:
            with self.path.open("a", encoding="utf-8") as file:
                file.write(text.rstrip("\n") + "\n")
        except OSError:
            pass


@dataclass(frozen=True)
class ProcessResult:
    """How a program ended: its exit code, and what it printed."""

    code: int
    lines: list[str]

    @property
    def output(self) -> str:
        return "\n".join(self.lines)

    @property
    def last_line(self) -> str:
        """The last thing it said; its exit code where it said nothing."""
        return next((line.strip() for line in reversed(self.lines) if line.strip()), f"exit code {self.code}")


def run_logged(
    command: Sequence[str | Path],
    log: Log,
    on_line: Callable[[str], None] = lambda line: None,
    *,
    variables: dict[str, str] | None = None,
    cwd: Path | None = None,
) -> ProcessResult:
    """Run a program, its output and errors as one stream.

    Args:
        command: The program and its arguments.
        log: Gets the command line and everything it prints.
        on_line: Called with each line.
        variables: Environment variables beside this process's own.
        cwd: The folder it runs in.

    Raises:
        OSError: It could not be started.
    """
    log.add("$ " + " ".join(map(str, command)))
    lines: list[str] = []
    with subprocess.Popen(
        [str(word) for word in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
        text=True, encoding="utf-8", errors="replace", env=clean_environment() | (variables or {}), cwd=cwd,
    ) as process:  # fmt: skip
        try:
            for line in process.stdout:
                lines.append(line.rstrip())
                log.add(line)
                on_line(line)
        except BaseException:  # it is waited for, and would go on to its end
            process.terminate()
            raise
    return ProcessResult(process.returncode, lines)


def clean_environment() -> dict[str, str]:
    """This process's environment without what would point another Python at the wrong modules.

    The user's proxies, certificates and settings of pip and uv stay.
    """
    return {key: value for key, value in os.environ.items() if key not in DROPPED} | {
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PYTHONUTF8": "1",
    }
