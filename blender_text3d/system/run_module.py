# SPDX-License-Identifier: GPL-3.0-or-later
"""Running a module of this package as a program of its own, by a Python that may be any."""

from pathlib import Path

RUN = "import runpy, sys; sys.path.append(sys.argv.pop(1)); runpy.run_module(sys.argv.pop(1), run_name='__main__')"


def python_options(package: Path, module: str) -> list[str]:
    """What follows Python and its own options, before the module's arguments.

    The folder with the package goes last on the path, and `-P` keeps the one it is started in off it: the neighbours
    there are other extensions, whose names may be those of real modules, and `-m` would look at them first.

    Args:
        package: The package's folder.
        module: Its name inside the package, "worker".
    """
    return ["-P", "-c", RUN, str(package.parent), f"{package.name}.{module}"]
