# SPDX-License-Identifier: GPL-3.0-or-later
"""A replacement for the worker's Python, which runs some source code first."""

from pathlib import Path

RUN = """
import os as _os, runpy as _runpy, sys as _sys
_sys.path.insert(0, _os.getcwd())
_runpy.run_module(_sys.argv[-1], run_name="__main__", alter_sys=True)
"""


def patched_python(folder: Path, python: Path, prelude: str) -> Path:
    """Write a program that runs the prelude and then the worker's module in one process.

    Args:
        folder: The folder of the program and its script.
        python: The real Python.
        prelude: Python source code.
    """
    folder.mkdir(parents=True, exist_ok=True)
    script, program = folder / "patched_python.py", folder / "python"
    script.write_text(prelude + RUN, encoding="utf-8")
    program.write_text(f'#!/bin/sh\nexec "{python}" -u "{script}" "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    return program
