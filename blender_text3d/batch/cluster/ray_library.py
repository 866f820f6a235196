# SPDX-License-Identifier: GPL-3.0-or-later
"""Import Ray, an optional part of the worker's environment, with the settings of every run."""

import os
import secrets
from importlib.metadata import PackageNotFoundError, version
from types import ModuleType

from .errors import RayMissing

RAY_PACKAGE = "ray"
RAY_VERSION = "2.60.0"
"""The version that the optional part of Set Up installs; a driver and all nodes need the same one."""
FIX = (
    "Press Install Ray in the preferences of the add-on, or run python -m blender_text3d.environment add-part "
    "--part cluster."
)
ALWAYS = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",  # says the same as our own variables of the worker, without a warning
}
LOOPBACK = {"RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0"}
"""Keeps a cluster of one machine on the loopback address. The name is that of the systems where it is Ray's default."""
TOKEN_VARIABLES = ("RAY_AUTH_TOKEN", "RAY_AUTH_TOKEN_PATH")


def import_ray(*, is_local: bool) -> ModuleType:
    """Return the module ray, which sends no statistics.

    Args:
        is_local: True to start a cluster on this machine alone, which listens on loopback and has its own token.

    Raises:
        RayMissing: It is missing, of another version, or broken.
    """
    require_ray()
    for name, value in (ALWAYS | LOOPBACK if is_local else ALWAYS).items():
        os.environ.setdefault(name, value)
    if is_local:
        os.environ["RAY_AUTH_MODE"] = "token"
        os.environ["RAY_AUTH_TOKEN"] = secrets.token_hex(32)
    try:
        import ray
    except ImportError as error:
        raise RayMissing(f"Ray cannot be imported ({str(error).strip().splitlines()[0]}). {FIX}") from error
    module: ModuleType = ray
    return module


def require_ray() -> None:
    """Check the installed version without importing Ray.

    Raises:
        RayMissing: It is missing, or of another version.
    """
    try:
        found = version(RAY_PACKAGE)
    except PackageNotFoundError as error:
        raise RayMissing(f"Ray is not installed in this Python. {FIX}") from error
    if found != RAY_VERSION:
        raise RayMissing(f"Ray {found} is installed, and a run needs {RAY_VERSION} on all machines. {FIX}")
