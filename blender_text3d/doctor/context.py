# SPDX-License-Identifier: GPL-3.0-or-later
"""The subject of the checks: the user's settings, and facts that only Blender knows."""

import os
from dataclasses import field
from pathlib import Path
from typing import Any

from ..environment import paths
from ..system import user_folders
from ..system.lazy_dataclass import lazy_dataclass

PYTHON_VARIABLE = "TEXT3D_WORKER_PYTHON"


@lazy_dataclass(frozen=True)
class Context:
    """A machine with a user's settings.

    Attributes:
        data_dir: The data folder.
        jobs_dir: The folder of job folders.
        env_dir: The environment that Set Up creates.
        own_python: The Python override, or None.
        viewer: URL of a Rerun viewer in the preferences, or "".
        blender: Facts about Blender from addon/background/doctor_task.py; empty in a terminal.
        is_full: True to generate a small object and read all weights.
    """

    data_dir: Path
    jobs_dir: Path
    env_dir: Path
    own_python: Path | None = None
    viewer: str = ""
    blender: dict[str, Any] = field(default_factory=dict)
    is_full: bool = False

    @property
    def python(self) -> Path:
        """The Python that the worker runs in."""
        return self.own_python or paths.worker_python(self.env_dir)


def default_context(
    data_folder: str = "", python: str = "", *, viewer: str = "", blender: dict[str, Any] | None = None,
    is_full: bool = False,
) -> Context:  # fmt: skip
    """Return the context of a terminal, or of Blender with these preferences; "" for the default."""
    data_dir = Path(data_folder).expanduser().absolute() if data_folder else user_folders.data_dir()
    override = python or os.environ.get(PYTHON_VARIABLE, "")
    return Context(
        data_dir=data_dir,
        jobs_dir=data_dir / paths.default_jobs_dir().name,
        env_dir=data_dir / paths.worker_env_dir().name,
        own_python=Path(override).expanduser().absolute() if override else None,
        viewer=viewer,
        blender=blender or {},
        is_full=is_full,
    )
