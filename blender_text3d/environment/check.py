# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wrong with an environment. Looks at files only, so a panel may ask at every redraw it likes."""

import os
from pathlib import Path

from .errors import Problem
from .lock import is_being_made
from .manifest import REMOVING, Manifest, read_mark
from .paths import worker_python
from .requirements import WORKER, Packages

MAKE = "Press Set Up in the add-on's preferences, or run `python -m blender_text3d.environment make`."
REPAIR = "Press Set Up in the add-on's preferences to repair it, or run `python -m blender_text3d.environment make`."
REMOVE = "Remove it once more (`python -m blender_text3d.environment remove`), or press Set Up to make it anew."


def problems(env_dir: Path, packages: Packages = WORKER) -> list[Problem]:
    """Everything that keeps the environment from being used, worst first; empty when it is ready."""
    found = _first_problem(env_dir, packages)
    return [found] if found else []


def has_python(env_dir: Path, mark: Manifest) -> bool:
    """Whether the environment in use still has its Python: on Windows that is a copy, which outlives its base."""
    python = worker_python(env_dir)
    return python.exists() and (python.is_symlink() or os.path.lexists(mark.base_python))


def _first_problem(env_dir: Path, packages: Packages) -> Problem | None:
    mark = read_mark(env_dir)
    if mark and mark.state == "ready" and mark.requirements_sha256 == packages.sha256:
        return None if has_python(env_dir, mark) else _python_gone(env_dir, mark.base_python)
    if is_being_made(env_dir):
        return Problem(f"The Python environment {env_dir} is being made just now.", "Wait until it is ready.")
    if mark is None:
        return _never_made(env_dir)
    if mark.state == REMOVING:
        return Problem(f"The Python environment {env_dir} was removed in part only.", REMOVE)
    if mark.state != "ready":
        return Problem(f"The Python environment {env_dir} was begun but not finished.", REPAIR)
    return Problem(f"The Python environment {env_dir} was made for another version of the add-on.", REPAIR)


def _never_made(env_dir: Path) -> Problem:
    if env_dir.is_dir() and any(env_dir.iterdir()):
        return Problem(
            f"The folder {env_dir} holds other files, so the Python environment cannot be made there.",
            "Choose an empty folder or a new one.",
        )
    return Problem(f"The Python environment {env_dir} has not been made yet.", MAKE)


def _python_gone(env_dir: Path, base_python: str) -> Problem:
    return Problem(f"The Python environment {env_dir} was made from {base_python}, which is no longer there.", REPAIR)
