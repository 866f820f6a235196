# SPDX-License-Identifier: GPL-3.0-or-later
"""Problems of an environment, found from its files alone, which is fast enough for every redraw of a panel."""

import os
from pathlib import Path

from .errors import Problem
from .lock import is_locked
from .manifest import REMOVING, Manifest, read_manifest
from .paths import worker_python
from .requirements import WORKER, Packages
from .target_folder import CHOOSE_EMPTY_FOLDER, contains_other_files

CREATE = "Press Set Up in the add-on's preferences, or run `python -m blender_text3d.environment make`."
REPAIR = "Press Set Up in the add-on's preferences to repair it, or run `python -m blender_text3d.environment make`."
REMOVE = "Remove it again (`python -m blender_text3d.environment remove`), or press Set Up to create a new one."


def find_problems(env_dir: Path, packages: Packages = WORKER) -> list[Problem]:
    """Return the problems that prevent use of an environment; empty if it is ready."""
    problem = _first_problem(env_dir, packages)
    return [problem] if problem else []


def is_ready(env_dir: Path, packages: Packages = WORKER) -> bool:
    """True if an environment is complete, holds these packages, and its Python still exists."""
    return not find_problems(env_dir, packages)


def has_python(env_dir: Path, manifest: Manifest) -> bool:
    """True if an environment's Python can run; on Windows it is a copy, which outlives the Python it was made from."""
    python = worker_python(env_dir)
    return python.exists() and (python.is_symlink() or os.path.lexists(manifest.base_python))


def _first_problem(env_dir: Path, packages: Packages) -> Problem | None:
    manifest = read_manifest(env_dir)
    if manifest and manifest.state == "ready" and packages.is_satisfied_by(manifest.requirements_sha256):
        return None if has_python(env_dir, manifest) else _python_missing(env_dir, manifest.base_python)
    if is_locked(env_dir):
        return Problem(f"The Python environment {env_dir} is being created.", "Wait until it is ready.")
    if manifest is None:
        return _not_created(env_dir)
    if manifest.state == REMOVING:
        return Problem(f"The Python environment {env_dir} was only partly removed.", REMOVE)
    if manifest.state != "ready":
        return Problem(f"The Python environment {env_dir} is incomplete.", REPAIR)
    return Problem(f"The Python environment {env_dir} was created for another version of the add-on.", REPAIR)


def _not_created(env_dir: Path) -> Problem:
    if contains_other_files(env_dir):
        return Problem(
            f"The folder {env_dir} contains other files, so no Python environment can be created in it.",
            CHOOSE_EMPTY_FOLDER,
        )
    return Problem("Setup has not been run yet.", CREATE)


def _python_missing(env_dir: Path, base_python: str) -> Problem:
    return Problem(f"The Python environment {env_dir} was created from {base_python}, which no longer exists.", REPAIR)
