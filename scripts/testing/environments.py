# SPDX-License-Identifier: GPL-3.0-or-later
"""The Python environments that testing and the demo make: one for the worker, one for each Blender version.

They are made by the same code that makes a user's worker environment, and used again while their contents are
the wanted ones.
"""

import sys
from collections.abc import Callable
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from blender_text3d.environment.create import make  # noqa: E402
from blender_text3d.environment.errors import SetupFailed  # noqa: E402
from blender_text3d.environment.installers.pip import pip_install  # noqa: E402
from blender_text3d.environment.interpreters import find_interpreter  # noqa: E402
from blender_text3d.environment.requirements import WORKER, Packages  # noqa: E402

TEST_TOOLS = ("pytest==9.2.0", "ruff==0.17.6", "numba==0.68.1", "hypothesis==6.170.15", "uv==0.13.9")
WORKER_NAME = "worker"


def _blender(release: str, python_version: str) -> Packages:
    return Packages((f"bpy=={release}", TEST_TOOLS[0]), ("bpy", "pytest"), 2.0, (python_version,))


# Newest patch of each; the module exists for one Python version only.
BLENDERS = {
    "4.2": _blender("4.2.23", "3.11"),
    "4.5": _blender("4.5.15", "3.11"),
    "5.0": _blender("5.0.1", "3.11"),
    "5.2": _blender("5.2.3", "3.13"),
}


def has_python(packages: Packages) -> bool:
    """Whether this machine has a Python that these packages run on."""
    try:
        return bool(find_interpreter(packages.python_versions))
    except SetupFailed:
        return False


def blender_env(envs_dir: Path, version: str, report: Callable[[str, float], None]) -> Path:
    """The Python of an environment that holds Blender as a module.

    Raises:
        SetupFailed: It could not be made.
    """
    return make(envs_dir / f"bpy-{version}", report, packages=BLENDERS[version])


def worker_env(envs_dir: Path, report: Callable[[str, float], None]) -> Path:
    """The Python of a worker's environment, made as a user's is, with the test tools added.

    Raises:
        SetupFailed: It could not be made.
    """
    python = make(envs_dir / WORKER_NAME, report, packages=WORKER)
    pip_install(envs_dir / WORKER_NAME, TEST_TOOLS, "the test tools", report)
    return python
