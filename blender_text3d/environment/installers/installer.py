# SPDX-License-Identifier: GPL-3.0-or-later
"""Installing into a new environment: with uv where it can be had and works, else with pip."""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from ...system.run_logged import Log
from ..errors import DISK_FULL, NOT_WRITABLE, SetupFailed
from .install_plan import Step
from .pip import Pip
from .pip_config import has_own_source, pip_settings, uv_variables
from .uv import Uv, cache_variables, find_uv

INSTALLER_VARIABLE = "BLENDER_TEXT3D_INSTALLER"  # "pip" leaves uv alone

Report = Callable[[str, float], None]


@dataclass
class Installer:
    """The tools for one environment.

    Attributes:
        uv: None where there is none, or it has failed.
        notes: Sentences for the user about what was installed.
    """

    pip: Pip
    uv: Uv | None
    log: Log
    notes: list[str] = field(default_factory=list)

    def has_own_source(self) -> bool:
        """Whether packages come from somewhere that the user chose."""
        return has_own_source(pip_settings(self.pip.python, self.log))

    def install(self, step: Step, report: Report) -> None:
        """Do one step: its attempts in turn.

        Raises:
            SetupFailed: None of them worked; the last one's reason.
        """
        for attempt, note in zip(step.attempts, step.notes, strict=True):
            try:
                self._attempt(attempt, step.what, report)
            except SetupFailed as error:
                self.log.add(str(error))
                if attempt is step.attempts[-1] or error.reason in (DISK_FULL, NOT_WRITABLE):
                    raise
                continue
            self._note(note)
            return

    def name(self) -> str:
        """Of the tool that installs."""
        return self.uv.name() if self.uv else self.pip.name()

    def _attempt(self, arguments: tuple[str, ...], what: str, report: Report) -> None:
        if self.uv is None:
            return self.pip.install(arguments, what, report)
        try:
            return self.uv.install(arguments, what, report)
        except (SetupFailed, OSError) as error:
            if isinstance(error, SetupFailed) and error.reason:
                raise
            self.log.add(f"uv failed ({error}), so pip does it.")
            report("uv failed; pip tries the same", 0.0)
        self.pip.install(arguments, what, report)
        self.log.add("pip did what uv could not, and does the rest as well.")
        self.uv = None

    def _note(self, note: str) -> None:
        if note:
            self.log.add(note)
            self.notes.append(note)


def installer(env_dir: Path, python: Path, log: Log, *, is_offline: bool = False) -> Installer:
    """The tools for the environment of a Python.

    Args:
        env_dir: The environments' folder, where uv is kept.
        python: Of the environment that is filled.
        is_offline: Whether nothing may be downloaded to do it.
    """
    pip = Pip(python, log)
    if os.environ.get(INSTALLER_VARIABLE) == "pip":
        return Installer(pip, None, log)
    found = find_uv(env_dir, pip, log, may_download=not is_offline)
    if found is None:
        return Installer(pip, None, log)
    variables = uv_variables(pip_settings(python, log)) | cache_variables(env_dir, found)
    return Installer(pip, Uv(found, python, variables, log), log)
