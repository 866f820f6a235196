# SPDX-License-Identifier: GPL-3.0-or-later
"""Import diffusers, an optional part of the worker's environment, when a pipeline is loaded and not before."""

import os
import re
from importlib.metadata import PackageNotFoundError, version
from types import ModuleType

PACKAGES = ("diffusers", "transformers", "accelerate")
MIN_VERSION = (0, 42)
VARIABLES = {
    "HF_HUB_OFFLINE": "1",  # weights are downloaded by consent and by our own code only
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "DIFFUSERS_VERBOSITY": "error",
    "TRANSFORMERS_VERBOSITY": "error",
}


class MissingPart(Exception):
    """An optional part of the environment is not installed or too old; the message says which."""


def import_diffusers() -> ModuleType:
    """Return the module diffusers, which will not use the network.

    Raises:
        MissingPart: It is missing, too old or broken.
    """
    require_diffusers()
    for name, value in VARIABLES.items():
        os.environ.setdefault(name, value)
    try:
        import diffusers
        import transformers
    except (ImportError, RuntimeError) as error:
        line = str(error).strip().split("\n")[0]
        raise MissingPart(f"The optional part Diffusers cannot be imported ({line}).") from error
    transformers.utils.logging.disable_progress_bar()
    diffusers.utils.logging.disable_progress_bar()
    module: ModuleType = diffusers
    return module


def require_diffusers() -> None:
    """Check the installed packages without importing them.

    Raises:
        MissingPart: One is missing or too old.
    """
    try:
        versions = [version(name) for name in PACKAGES]
    except PackageNotFoundError as error:
        raise MissingPart(f"This image model needs the package {error.name}, which is not installed.") from error
    numbers = tuple(int(digits) for digits in re.findall(r"\d+", versions[0])[:2])
    if numbers < MIN_VERSION:
        wanted = ".".join(map(str, MIN_VERSION))
        raise MissingPart(f"diffusers {versions[0]} is installed, and {wanted} or newer is needed.")
