# SPDX-License-Identifier: GPL-3.0-or-later
"""A background Blender that runs a program of this package, followed without waiting for it."""

import json
import sys
from pathlib import Path
from typing import Any

import bpy

from ...system.child import PACKAGE, Child
from ...system.run_module import RUN_MODULE

BLENDER_OPTIONS = (
    "--background", "--factory-startup", "--disable-autoexec", "--offline-mode", "--python-exit-code", "1",
)  # fmt: skip
AFTER_DASHES = "import sys; sys.argv[1:] = sys.argv[sys.argv.index('--') + 1:]; "
TAIL_BYTES = 2**14


class BackgroundBlender(Child):
    """The process: this Blender's program or, where Blender is a Python module, this Python."""

    def __init__(self, program: str, folder: Path, output: Path):
        """Prepare the command, and start nothing.

        Args:
            program: Module of this package, such as "scene.render_object_views".
            folder: Its argument.
            output: The file that receives its output.
        """
        super().__init__(sys.executable, program, [str(folder)], output)
        if bpy.app.binary_path:
            arguments = [str(PACKAGE.parent), f"{PACKAGE.name}.{program}", str(folder)]
            options = [*BLENDER_OPTIONS, "--python-expr", AFTER_DASHES + RUN_MODULE, "--", *arguments]
            self._command = [bpy.app.binary_path, *options]

    def last(self, name: str) -> Any:
        """Return the newest value of a name that the program has printed, or None."""
        with open(self.output, "rb") as file:
            file.seek(max(0, self.output.stat().st_size - TAIL_BYTES))
            lines = file.read().decode("utf-8", errors="replace").splitlines()
        for line in reversed(lines):
            if line.startswith(f'{{"{name}":'):
                try:
                    return json.loads(line)[name]
                except ValueError:
                    continue  # half a line
        return None
