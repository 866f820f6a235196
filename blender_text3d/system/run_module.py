# SPDX-License-Identifier: GPL-3.0-or-later
"""Run a module of this package in another Python, as `python -m` does."""

from pathlib import Path

RUN_MODULE = (
    "import runpy, sys; sys.path.append(sys.argv.pop(1)); runpy.run_module(sys.argv.pop(1), run_name='__main__')"
)


def python_options(package: Path, module: str) -> list[str]:
    """Return the arguments between Python's own options and those of the module.

    The package's parent folder is appended to the path, and `-P` leaves out the working directory: that folder contains
    other extensions, whose names may shadow real modules, and `-m` would search it first.

    Args:
        package: The folder of the package.
        module: Name relative to the package, such as "worker".
    """
    return ["-P", "-c", RUN_MODULE, str(package.parent), f"{package.name}.{module}"]
