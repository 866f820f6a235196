# SPDX-License-Identifier: GPL-3.0-or-later
"""Run pip inside an environment and report its progress. The user's pip configuration and proxies apply."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ...system.run_logged import Log, ProcessResult, run_logged
from ..errors import SetupFailed
from ..paths import worker_python
from .install_errors import install_error

HALF_DONE_LINES = 40  # pip cannot tell in advance how many lines it will print
PROGRESS_PREFIXES = ("Collecting", "Downloading", "Installing", "Using cached", "Processing")

Report = Callable[[str, float], None]


@dataclass(frozen=True)
class Pip:
    """The pip of an environment. It compiles what it installs to bytecode by default.

    Attributes:
        python: The environment's Python.
        log: Receives the commands and their output.
    """

    python: Path
    log: Log = field(default_factory=Log)

    @property
    def command(self) -> list[str]:
        """The command line without arguments."""
        return [str(self.python), "-I", "-m", "pip"]

    def install(self, arguments: tuple[str, ...], name: str, report: Report) -> None:
        """Install into the environment.

        Args:
            arguments: Requirements and options of `pip install`.
            name: Name of the packages, for error messages.
            report: Called with lines for the user and the completed share, 0 to 1.

        Raises:
            SetupFailed: pip failed; the message has the reason.
        """
        command = [*self.command, "install", "--no-input", "--progress-bar", "off", *arguments]
        result = run_with_progress(
            command, self.log, report, PROGRESS_PREFIXES, HALF_DONE_LINES, lambda line: _shortened(line, name)
        )
        if result.code:
            raise install_error(result.output, name, folder=self.python.parents[2])

    def uninstall(self, packages: tuple[str, ...], name: str) -> None:
        """Remove packages from the environment; those that are not installed are skipped.

        Args:
            packages: Names of packages.
            name: Name of them all, for error messages.

        Raises:
            SetupFailed: A file could not be removed.
        """
        result = run_logged([*self.command, "uninstall", "--yes", *packages], self.log)
        if result.code:
            raise SetupFailed(
                f"{name} could not be removed. {result.last_line}",
                "Close the programs that use it, such as another Blender, and try again.",
            )

    def name(self) -> str:
        """Return "pip" and its version."""
        code = "from importlib.metadata import version; print('pip', version('pip'))"
        return run_logged([self.python, "-I", "-c", code], self.log).last_line


def run_with_progress(
    command: Sequence[str | Path],
    log: Log,
    report: Report,
    prefixes: tuple[str, ...],
    half_done_lines: int,
    shorten: Callable[[str], str],
    *,
    variables: dict[str, str] | None = None,
    cwd: Path | None = None,
) -> ProcessResult:
    """Run an installer, and report the lines of its output that describe progress.

    Args:
        command, log, variables, cwd: As in run_logged.
        report: Called with a shortened line and the completed share, which approaches 1.
        prefixes: Beginnings of the lines to report.
        half_done_lines: Number of output lines at which the share is 0.5.
        shorten: Returns a line as shown to the user.
    """
    count = 0

    def on_line(line: str) -> None:
        nonlocal count
        count += 1
        if line.lstrip().startswith(prefixes):
            report(shorten(line), count / (count + half_done_lines))

    return run_logged(command, log, on_line, variables=variables, cwd=cwd)


def _shortened(line: str, name: str) -> str:
    """Return the verb and the file name of a line, without folder and size."""
    verb, _, rest = line.strip().partition(" ")
    package = rest.split(" (")[0].split(" ")[0].replace("\\", "/").rpartition("/")[2]
    return f"{verb} {name if rest.startswith('collected') else package}"[:80]


def pip_install(env_dir: Path, arguments: tuple[str, ...], name: str, report: Report) -> None:
    """Install into the version of an environment that is in use.

    Raises:
        SetupFailed: pip failed; the message has the reason.
    """
    Pip(worker_python(env_dir)).install(arguments, name, report)
