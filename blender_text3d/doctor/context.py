# SPDX-License-Identifier: GPL-3.0-or-later
"""What the doctor looks at: the user's choices, and what only Blender can tell."""

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..environment import paths
from ..system import user_folders

PYTHON_VARIABLE = "TEXT3D_WORKER_PYTHON"


@dataclass(frozen=True)
class Context:
    """One machine with one user's choices.

    Attributes:
        data_dir: The folder for everything we keep.
        jobs_dir: The folder of job folders.
        env_dir: The environment that Set Up makes.
        own_python: A Python that the user names in its place, or None.
        viewer: Address of a Rerun viewer that the user named, or "".
        blender: What Blender says of itself, see facts in addon/examining.py; empty in a terminal.
        is_full: Whether to make a small object and to read every file of weights.
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


def default_context(data_folder: str = "", python: str = "", **more: Any) -> Context:
    """The case of a terminal, or of Blender with these preferences; "" for what was left as it is."""
    data_dir = Path(data_folder).expanduser().absolute() if data_folder else user_folders.data_dir()
    named = python or os.environ.get(PYTHON_VARIABLE, "")
    return Context(
        data_dir=data_dir,
        jobs_dir=data_dir / paths.default_jobs_dir().name,
        env_dir=data_dir / paths.worker_env_dir().name,
        own_python=Path(named).expanduser().absolute() if named else None,
        **more,
    )
