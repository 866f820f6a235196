# SPDX-License-Identifier: GPL-3.0-or-later
"""Running pip inside an environment, line by line. The user's pip configuration, proxies and certificates hold."""

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

from .paths import worker_python
from .pip_errors import explain

# Half of the way is reached after this many lines of pip; it cannot say beforehand how many there will be.
HALFWAY_LINES = 40
NEWS = ("Collecting", "Downloading", "Installing", "Using cached", "Processing")


def pip_install(env_dir: Path, arguments: tuple[str, ...], what: str, report: Callable[[str, float], None]) -> None:
    """Install into the environment.

    Args:
        env_dir: The environment.
        arguments: Requirements and options for `pip install`.
        what: Name of the whole, for an error's message.
        report: Called with a line worth showing and the share done, 0 to 1.

    Raises:
        SetupFailed: pip failed; the message says why.
    """
    command = [str(worker_python(env_dir)), "-I", "-m", "pip", "install", "--no-input", "--progress-bar", "off"]
    lines = []
    with subprocess.Popen(
        [*command, *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
        encoding="utf-8", env=clean_environment(), stdin=subprocess.DEVNULL,
    ) as process:  # fmt: skip
        for line in _logged(process, lines):
            if line.lstrip().startswith(NEWS):
                report(line.strip()[:120], len(lines) / (len(lines) + HALFWAY_LINES))
    if process.returncode:
        raise explain("\n".join(lines), what)


def clean_environment() -> dict[str, str]:
    """This process's environment without what would point another Python at the wrong modules."""
    dropped = {"PYTHONPATH", "PYTHONHOME", "PYTHONSTARTUP", "PIP_TARGET", "PIP_PREFIX", "PIP_USER", "VIRTUAL_ENV"}
    return {key: value for key, value in os.environ.items() if key not in dropped} | {
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PYTHONUTF8": "1",
    }


def _logged(process: subprocess.Popen, lines: list[str]) -> Iterator[str]:
    for line in process.stdout:
        lines.append(line.rstrip())
        yield line
