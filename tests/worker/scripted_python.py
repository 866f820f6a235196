# SPDX-License-Identifier: GPL-3.0-or-later
"""Executables in place of the worker's Python."""

import sys
from pathlib import Path

WITH_SCRIPTED_ENGINE = """
import os, runpy, sys
sys.path.insert(0, os.getcwd())
from tests.worker import scripted_engine
sys.modules["blender_text3d.engine.generate"] = sys.modules["blender_text3d.engine.device"] = scripted_engine
module = sys.argv[-1]
del sys.argv[1:]  # Python's own options
runpy.run_module(module, run_name="__main__", alter_sys=True)
"""


def changed_engine(changes: str) -> str:
    """Return the worker with statements that change its `scripted_engine` first; `module` is the module that is run."""
    head, run = WITH_SCRIPTED_ENGINE.strip().rsplit("\n", 1)
    return f"{head}\n{changes}\n{run}\n"


def scripted_python(folder: Path, script: str = WITH_SCRIPTED_ENGINE) -> Path:
    """Write a program that runs a script; the default is the real worker with the scripted engine."""
    program = folder / "python"
    program.write_text(f"#!{sys.executable}\n{script}")
    program.chmod(0o755)
    return program
