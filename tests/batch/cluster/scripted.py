# SPDX-License-Identifier: GPL-3.0-or-later
"""A worker's Python with the scripted engine, for workers that run from the copy of the package that Ray made."""

import sys
from pathlib import Path

REPOSITORY = Path(__file__).parents[3]
SCRIPT = f"""
import os, runpy, sys
sys.path[:0] = [os.getcwd(), {str(REPOSITORY)!r}]
from tests.worker import scripted_engine
sys.modules["blender_text3d.engine.generate"] = sys.modules["blender_text3d.engine.device"] = scripted_engine
runpy.run_module(sys.argv[-1], run_name="__main__", alter_sys=True)
"""


def write_scripted_python(folder: Path) -> Path:
    """Write the program."""
    program = folder / "python"
    program.write_text(f"#!{sys.executable}\n{SCRIPT}")
    program.chmod(0o755)
    return program
