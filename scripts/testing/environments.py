# SPDX-License-Identifier: GPL-3.0-or-later
"""The Python environments of tests and demo: one for the worker, one for each Blender version.

The code that creates a user's worker environment creates them, and they are reused while their contents are current.
"""

import tomllib
from collections.abc import Callable
from pathlib import Path

from blender_text3d.environment.create import create_environment
from blender_text3d.environment.errors import SetupFailed
from blender_text3d.environment.installers.pip import pip_install
from blender_text3d.environment.interpreters import find_interpreter
from blender_text3d.environment.optional_parts import PARTS
from blender_text3d.environment.part_actions import add_part
from blender_text3d.environment.requirements import WORKER, Packages

REPOSITORY = Path(__file__).resolve().parents[2]
WORKER_NAME = "worker"


def _dev_tools() -> tuple[str, ...]:
    """Return the pinned requirements of the `dev` group in pyproject.toml."""
    pyproject = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))
    return tuple(pyproject["dependency-groups"]["dev"])


TEST_TOOLS = _dev_tools()
PYTEST = next(tool for tool in TEST_TOOLS if tool.startswith("pytest=="))


def _blender(release: str, python_version: str) -> Packages:
    return Packages((f"bpy=={release}", PYTEST), ("bpy", "pytest"), 2.0, (python_version,))


# The newest patch release of each; a bpy module exists for one Python version only.
BLENDERS = {
    "4.2": _blender("4.2.23", "3.11"),
    "4.5": _blender("4.5.15", "3.11"),
    "5.0": _blender("5.0.1", "3.11"),
    "5.2": _blender("5.2.3", "3.13"),
}


def has_python(packages: Packages) -> bool:
    """True if this machine has a Python version that these packages support."""
    try:
        return bool(find_interpreter(packages.python_versions))
    except SetupFailed:
        return False


def blender_env(envs_dir: Path, version: str, report: Callable[[str, float], None]) -> Path:
    """Return the Python of an environment with Blender as a module; creates the environment if needed.

    Raises:
        SetupFailed: The environment could not be created.
    """
    return create_environment(envs_dir / f"bpy-{version}", report, packages=BLENDERS[version])


def worker_env(envs_dir: Path, report: Callable[[str, float], None]) -> Path:
    """Return the Python of a worker environment, created as a user's is, with optional parts and development tools.

    Raises:
        SetupFailed: The environment could not be created.
    """
    python = create_environment(envs_dir / WORKER_NAME, report, packages=WORKER)
    for part in PARTS.values():
        add_part(envs_dir / WORKER_NAME, part, report)
    pip_install(envs_dir / WORKER_NAME, TEST_TOOLS, "the development tools", report)
    return python
