# SPDX-License-Identifier: GPL-3.0-or-later
"""Running uv: the one on PATH, else one that pip brings into a small folder of its own."""

import os
import re
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ...system.run_logged import Log, run_logged
from ..errors import SetupFailed
from ..hashed import UV
from ..versions import CACHE
from .install_errors import explain
from .pip import Pip
from .pip_config import uv_files_say, with_one_index

NEWS = ("Resolved", "Downloading", "Downloaded", "Prepared", "Installed", "Bytecode compiled")
HALFWAY_LINES = 12
CACHE_IN_FILE = r"^\s*(cache-dir|no-cache)\s*="

Report = Callable[[str, float], None]


@dataclass(frozen=True)
class Uv:
    """uv, installing into another Python's environment.

    Attributes:
        program: uv's program file.
        python: The environment's Python.
        variables: What uv is told beside this process's environment.
    """

    program: Path
    python: Path
    variables: dict[str, str]
    log: Log

    def install(self, arguments: tuple[str, ...], what: str, report: Report) -> None:
        """Install into the environment and compile to bytecode.

        Args:
            arguments: Requirements and options of `pip install`, of those that uv has as well.
            what: Name of the whole, for an error's message.
            report: Called with a line worth showing and the share done, 0 to 1.

        Raises:
            SetupFailed: uv failed; the message says why.
        """
        count = 0

        def on_line(line: str) -> None:
            nonlocal count
            count += 1
            if line.strip().startswith(NEWS):
                report(news_of(line), count / (count + HALFWAY_LINES))

        command = [self.program, "pip", "install", "--python", self.python, "--compile-bytecode", "--color", "never"]
        # In a folder without a project, whose own settings would count.
        words, variables = with_one_index(arguments)
        ended = run_logged(
            [*command, *words], self.log, on_line, variables=self.variables | variables, cwd=self.python.parent.parent
        )
        if ended.code:
            raise explain(ended.output, what, "uv", self.python.parents[2])

    def name(self) -> str:
        """With its version."""
        return version_of(self.program, self.log)


def news_of(line: str) -> str:
    """A line of uv's for the user; after the last that it says of installing, it compiles for up to some minutes."""
    return "Compiling what was installed" if line.startswith("Installed") else line.strip()[:120]


def cache_variables(env_dir: Path, program: Path) -> dict[str, str]:
    """A cache beside the environments for the uv that we brought: the user's own uv, and wishes, keep theirs.

    There it is on the same disk, so that most files are linked into the environment and not copied. They must not be
    links by name: the cache goes when the environment is ready.
    """
    is_chosen = any(os.environ.get(name) for name in ("UV_CACHE_DIR", "UV_NO_CACHE")) or uv_files_say(CACHE_IN_FILE)
    if is_chosen or env_dir not in program.parents:
        return {}
    link = "clone" if sys.platform == "darwin" else "hardlink"
    return {"UV_CACHE_DIR": str(env_dir / CACHE), "UV_LINK_MODE": link}


def find_uv(env_dir: Path, pip: Pip, log: Log, *, may_download: bool = True) -> Path | None:
    """A uv that runs: on PATH, else brought before, else brought now; None where none can be had.

    Args:
        env_dir: The environments' folder, which gets a folder for uv.
        pip: Brings it.
        may_download: Whether it may be brought at all.
    """
    on_path = shutil.which("uv")
    folder = env_dir / "uv"
    brought = folder / "bin" / ("uv.exe" if os.name == "nt" else "uv")
    for program in filter(None, (on_path, brought if brought.exists() else None)):
        if version_of(program, log):
            return Path(program)
    return brought if may_download and _install_uv(folder, pip, log) and version_of(brought, log) else None


def version_of(program: str | Path, log: Log) -> str:
    """Its name with its version; "" where it does not run."""
    try:
        ended = run_logged([program, "--version"], log)
    except OSError:
        return ""
    found = re.search(r"^uv \d[\w.]*", ended.output, re.MULTILINE)
    return found[0] if found and ended.code == 0 else ""


def _install_uv(folder: Path, pip: Pip, log: Log) -> bool:
    shutil.rmtree(folder, ignore_errors=True)
    wanted = (
        "--no-deps",
        "--only-binary",
        ":all:",
        "--require-hashes",
        "--target",
        str(folder),
        "-r",
        str(UV),
    )
    try:
        pip.install(wanted, "uv", lambda message, share: None)
    except SetupFailed as error:
        log.add(f"uv could not be brought, so pip installs everything: {error}")
        return False
    return True
