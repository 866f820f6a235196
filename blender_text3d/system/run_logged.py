# SPDX-License-Identifier: GPL-3.0-or-later
"""Run another program and log its output line by line."""

import os
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

from .lazy_dataclass import lazy_dataclass

REMOVED_VARIABLES = {"PYTHONPATH", "PYTHONHOME", "PYTHONSTARTUP", "PIP_TARGET", "PIP_PREFIX", "PIP_USER", "VIRTUAL_ENV"}


@lazy_dataclass(frozen=True)
class Log:
    """An append-only text file; without a path, nothing is written."""

    path: Path | None = None

    def add(self, text: str) -> None:
        """Append a line; errors are ignored, because a log must not stop the program it describes."""
        if self.path is None:
            return
        try:
            with self.path.open("a", encoding="utf-8") as file:
                file.write(text.rstrip("\n") + "\n")
        except OSError:
            pass


@lazy_dataclass(frozen=True)
class ProcessResult:
    """The exit code and output of a program."""

    code: int
    lines: list[str]

    @property
    def output(self) -> str:
        """The output as one text."""
        return "\n".join(self.lines)

    @property
    def last_line(self) -> str:
        """The last line that is not blank, or the exit code if there is none."""
        return next((line.strip() for line in reversed(self.lines) if line.strip()), f"exit code {self.code}")


def run_logged(
    command: Sequence[str | Path],
    log: Log,
    on_line: Callable[[str], None] = lambda line: None,
    *,
    variables: dict[str, str] | None = None,
    cwd: Path | None = None,
) -> ProcessResult:
    """Run a program to its end, with output and errors as one stream.

    Args:
        command: The program and its arguments.
        log: Receives the command line and the output.
        on_line: Called with each line.
        variables: Environment variables added to `clean_environment()`.
        cwd: Its working directory.

    Raises:
        OSError: The program cannot be started.
    """
    log.add("$ " + " ".join(map(str, command)))
    lines: list[str] = []
    with subprocess.Popen(
        list(map(str, command)), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
        text=True, encoding="utf-8", errors="replace", env=clean_environment() | (variables or {}), cwd=cwd,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        try:
            for line in process.stdout:
                lines.append(line.rstrip())
                log.add(line)
                on_line(line)
        except BaseException:  # otherwise leaving the block would wait for its end
            process.terminate()
            raise
    return ProcessResult(process.returncode, lines)


def clean_environment() -> dict[str, str]:
    """Return this process's environment without variables that lead another Python to the wrong modules.

    The user's proxies, certificates and settings of pip and uv are kept.
    """
    return {key: value for key, value in os.environ.items() if key not in REMOVED_VARIABLES} | {
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PYTHONUTF8": "1",
    }
