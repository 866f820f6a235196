# SPDX-License-Identifier: GPL-3.0-or-later
"""Running pip inside an environment, line by line. The user's pip configuration, proxies and certificates hold."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from ...system.run_logged import Log, run_logged
from ..paths import worker_python
from .install_errors import explain

# Half of the way is reached after this many lines of pip; it cannot say beforehand how many there will be.
HALFWAY_LINES = 40
NEWS = ("Collecting", "Downloading", "Installing", "Using cached", "Processing")

Report = Callable[[str, float], None]


@dataclass(frozen=True)
class Pip:
    """pip in the environment that it installs into. It compiles what it installs to bytecode by itself."""

    python: Path
    log: Log = field(default_factory=Log)

    @property
    def command(self) -> list[str]:
        return [str(self.python), "-I", "-m", "pip"]

    def install(self, arguments: tuple[str, ...], what: str, report: Report) -> None:
        """Install into the environment.

        Args:
            arguments: Requirements and options for `pip install`.
            what: Name of the whole, for an error's message.
            report: Called with a line worth showing and the share done, 0 to 1.

        Raises:
            SetupFailed: pip failed; the message says why.
        """
        count = 0

        def on_line(line: str) -> None:
            nonlocal count
            count += 1
            if line.lstrip().startswith(NEWS):
                report(_short(line, what), count / (count + HALFWAY_LINES))

        ended = run_logged(
            [*self.command, "install", "--no-input", "--progress-bar", "off", *arguments], self.log, on_line
        )
        if ended.code:
            raise explain(ended.output, what, folder=self.python.parents[2])

    def name(self) -> str:
        """With its version."""
        asked = "from importlib.metadata import version; print('pip', version('pip'))"
        return run_logged([self.python, "-I", "-c", asked], self.log).last_line


def _short(line: str, what: str) -> str:
    """One of pip's lines as a progress bar can hold it: its verb and a file's name, not its folder or its size."""
    verb, _, rest = line.strip().partition(" ")
    thing = rest.split(" (")[0].split(" ")[0].replace("\\", "/").rpartition("/")[2]
    return f"{verb} {what if rest.startswith('collected') else thing}"[:80]


def pip_install(env_dir: Path, arguments: tuple[str, ...], what: str, report: Report) -> None:
    """Install into the environment that is in use at a folder.

    Raises:
        SetupFailed: pip failed; the message says why.
    """
    Pip(worker_python(env_dir)).install(arguments, what, report)
