# SPDX-License-Identifier: GPL-3.0-or-later
"""python -m blender_text3d.worker.run_from_copy: the worker, run from a copy of this package in the user's own folder.

For a package that Blender installed: another version may take its place at any moment. A worker that wakes meanwhile
would find half of its modules, and the bytecode that it leaves there keeps Blender from moving the new folder in.
"""

import os
import sys
from importlib import import_module
from pathlib import Path

from ..system.user_folders import data_dir
from .package_copy import ensure_copy

PACKAGE = Path(__file__).absolute().parents[1]
FOLDER = "worker-code"


def main() -> None:
    """Be the worker: of the copy, or where none can be made of the package itself, and then leave no bytecode."""
    try:
        parent = ensure_copy(PACKAGE, data_dir() / FOLDER)
        sys.dont_write_bytecode = False
    except OSError as error:
        sys.stderr.write(f"The worker runs from the add-on's own folder: it cannot be copied ({error}).\n")
        parent = PACKAGE.parent
    run_from(parent)


def run_from(parent: Path) -> None:
    """Run the worker of the package in this folder, with nothing kept of the one that is loaded."""
    for name in [name for name in sys.modules if name.partition(".")[0] == PACKAGE.name]:
        del sys.modules[name]
    old = {str(PACKAGE.parent), os.getcwd()}
    os.chdir(parent)
    sys.path[:] = [*(path for path in sys.path if path not in old), str(parent)]
    import_module(f"{PACKAGE.name}.worker.__main__").run()


if __name__ == "__main__":
    main()
