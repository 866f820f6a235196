# SPDX-License-Identifier: GPL-3.0-or-later
"""Run uv to install into an environment: the one on PATH, or one that pip installs into a folder of its own."""

import os
import re
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ...system.run_logged import Log, run_logged
from ..errors import SetupFailed
from ..requirements import UV_FILE
from ..versions import CACHE
from .install_errors import install_error
from .pip import Pip, run_with_progress
from .pip_config import uv_config_matches, uv_index_arguments

HALF_DONE_LINES = 12
PROGRESS_PREFIXES = ("Resolved", "Downloading", "Downloaded", "Prepared", "Installed", "Bytecode compiled")
CACHE_SETTING = r"^\s*(cache-dir|no-cache)\s*="

Report = Callable[[str, float], None]


@dataclass(frozen=True)
class Uv:
    """uv, installing into the environment of another Python.

    Attributes:
        program: uv's program file.
        python: The environment's Python.
        variables: Environment variables added to those of this process.
        log: Receives the commands and their output.
    """

    program: Path
    python: Path
    variables: dict[str, str]
    log: Log

    def install(self, arguments: tuple[str, ...], name: str, report: Report) -> None:
        """Install into the environment and compile to bytecode.

        Args:
            arguments: Requirements and options of `pip install` that uv supports as well.
            name: Name of the packages, for error messages.
            report: Called with lines for the user and the completed share, 0 to 1.

        Raises:
            SetupFailed: uv failed; the message has the reason.
        """
        uv_arguments, variables = uv_index_arguments(arguments)
        options = ("--compile-bytecode", "--color", "never")
        command: list[str | Path] = [self.program, "pip", "install", "--python", self.python, *options, *uv_arguments]
        result = run_with_progress(
            command, self.log, report, PROGRESS_PREFIXES, HALF_DONE_LINES, progress_line,
            variables=self.variables | variables,
            cwd=self.python.parent.parent,  # a folder without a project, whose settings would apply
        )  # fmt: skip
        if result.code:
            raise install_error(result.output, name, "uv", self.python.parents[2])

    def name(self) -> str:
        """Return "uv" and its version."""
        return uv_version(self.program, self.log)


def progress_line(line: str) -> str:
    """Return a line of uv as shown to the user; after the last line about installing, it compiles for up to minutes."""
    return "Compiling the packages" if line.startswith("Installed") else line.strip()[:120]


def uv_cache_variables(env_dir: Path, program: Path) -> dict[str, str]:
    """Return variables that put the cache next to the environment, for a uv that setup installed.

    On the same disk, most files are linked into the environment instead of copied. Symbolic links are not possible,
    because the cache is removed when the environment is ready. A cache that the user has configured is kept.
    """
    is_configured = any(os.environ.get(name) for name in ("UV_CACHE_DIR", "UV_NO_CACHE"))
    if is_configured or uv_config_matches(CACHE_SETTING) or env_dir not in program.parents:
        return {}
    link_mode = "clone" if sys.platform == "darwin" else "hardlink"
    return {"UV_CACHE_DIR": str(env_dir / CACHE), "UV_LINK_MODE": link_mode}


def find_uv(env_dir: Path, pip: Pip, log: Log, *, may_download: bool = True) -> Path | None:
    """Return a working uv: on PATH, else installed earlier, else installed now; None if there is none.

    Args:
        env_dir: The environment's folder, which gets a subfolder for uv.
        pip: Installs it.
        log: Receives the commands and their output.
        may_download: True if it may be installed.
    """
    on_path = shutil.which("uv")
    folder = env_dir / "uv"
    installed = folder / "bin" / ("uv.exe" if os.name == "nt" else "uv")
    candidates = [*([Path(on_path)] if on_path else []), *([installed] if installed.exists() else [])]
    for program in candidates:
        if uv_version(program, log):
            return program
    return installed if may_download and _install_uv(folder, pip, log) and uv_version(installed, log) else None


def uv_version(program: Path, log: Log) -> str:
    """Return "uv" and its version, or "" if the program does not work."""
    try:
        result = run_logged([program, "--version"], log)
    except OSError:
        return ""
    match = re.search(r"^uv \d[\w.]*", result.output, re.MULTILINE)
    return match[0] if match and result.code == 0 else ""


def _install_uv(folder: Path, pip: Pip, log: Log) -> bool:
    shutil.rmtree(folder, ignore_errors=True)
    options = ("--no-deps", "--only-binary", ":all:", "--require-hashes")
    try:
        pip.install((*options, "--target", str(folder), "-r", str(UV_FILE)), "uv", lambda message, share: None)
    except SetupFailed as error:
        log.add(f"uv could not be installed, so pip installs all packages: {error}")
        return False
    return True
