# SPDX-License-Identifier: GPL-3.0-or-later
"""Install into a new environment with uv if it is available and works, else with pip."""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from ...system.run_logged import Log
from ..errors import DISK_FULL, NOT_WRITABLE, SetupFailed
from .install_plan import InstallStep
from .pip import Pip
from .pip_config import has_custom_source, read_pip_config, uv_variables
from .uv import Uv, find_uv, uv_cache_variables

INSTALLER_VARIABLE = "BLENDER_TEXT3D_INSTALLER"  # "pip" disables uv

Report = Callable[[str, float], None]


@dataclass
class Installer:
    """The installers of one environment.

    Attributes:
        pip: The environment's pip.
        uv: uv, or None if it is not available or has failed.
        log: Receives the commands and their output.
        notes: Sentences for the user about the installed packages.
    """

    pip: Pip
    uv: Uv | None
    log: Log
    notes: list[str] = field(default_factory=list)

    def has_custom_source(self) -> bool:
        """True if the user has configured a package source."""
        return has_custom_source(read_pip_config(self.pip.python, self.log))

    def install(self, step: InstallStep, report: Report) -> None:
        """Run the attempts of a step until one works.

        Raises:
            SetupFailed: None of them worked; with the last one's reason.
        """
        for attempt, note in zip(step.attempts, step.notes, strict=True):
            try:
                self._attempt(attempt, step.name, report)
            except SetupFailed as error:
                self.log.add(str(error))
                if attempt is step.attempts[-1] or error.reason in (DISK_FULL, NOT_WRITABLE):
                    raise
                continue
            if note:
                self.log.add(note)
                self.notes.append(note)
            return

    def name(self) -> str:
        """Return the name and version of the installer in use."""
        return self.uv.name() if self.uv else self.pip.name()

    def _attempt(self, arguments: tuple[str, ...], name: str, report: Report) -> None:
        if self.uv is None:
            return self.pip.install(arguments, name, report)
        try:
            return self.uv.install(arguments, name, report)
        except (SetupFailed, OSError) as error:
            if isinstance(error, SetupFailed) and error.reason:
                raise
            self.log.add(f"uv failed ({error}); using pip instead.")
            report("uv failed; trying pip", 0.0)
        self.pip.install(arguments, name, report)
        self.log.add("pip succeeded where uv failed, and installs the rest.")
        self.uv = None


def find_installer(env_dir: Path, python: Path, log: Log, *, is_offline: bool = False) -> Installer:
    """Return the installers for an environment.

    Args:
        env_dir: The environment's folder, in which uv is kept.
        python: The Python to install into.
        log: Receives the commands and their output.
        is_offline: True if uv may not be downloaded.
    """
    pip = Pip(python, log)
    if os.environ.get(INSTALLER_VARIABLE) == "pip":
        return Installer(pip, None, log)
    program = find_uv(env_dir, pip, log, may_download=not is_offline)
    if program is None:
        return Installer(pip, None, log)
    variables = uv_variables(read_pip_config(python, log)) | uv_cache_variables(env_dir, program)
    return Installer(pip, Uv(program, python, variables, log), log)
