# SPDX-License-Identifier: GPL-3.0-or-later
"""Entry point of the worker of an installed extension: run it from a copy of the package in the data folder.

Blender may replace the installed package at any time. A worker that starts during the upgrade would find only some of
its modules, and the bytecode that it writes there keeps Blender from moving the new folder into place.
"""

import os
import sys
from importlib import import_module
from pathlib import Path

from ..system.user_folders import data_dir
from .package_copy import ensure_copy

PACKAGE = Path(__file__).absolute().parents[1]
FOLDER = "worker-code"


def main(*module: str) -> None:
    """Run the worker from a copy; if no copy can be made, run it from the package without writing bytecode.

    Args:
        module: What to run in place of the worker, relative to the package; see `run_from`.
    """
    try:
        parent = ensure_copy(PACKAGE, data_dir() / FOLDER)
        sys.dont_write_bytecode = False
    except OSError as error:
        sys.stderr.write(f"The worker runs from the add-on's own folder, which cannot be copied ({error}).\n")
        parent = PACKAGE.parent
    run_from(parent, *module)


def run_from(parent: Path, module: str = "worker.__main__") -> None:
    """Run the worker of the package in this folder, or another module, after unloading the package that is running."""
    for name in [name for name in sys.modules if name.partition(".")[0] == PACKAGE.name]:
        del sys.modules[name]
    old = {str(PACKAGE.parent), os.getcwd()}
    os.chdir(parent)
    sys.path[:] = [*(path for path in sys.path if path not in old), str(parent)]
    import_module(f"{PACKAGE.name}.{module}").run()


if __name__ == "__main__":
    main(*sys.argv[1:])
