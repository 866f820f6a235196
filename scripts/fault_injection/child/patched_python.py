# SPDX-License-Identifier: GPL-3.0-or-later
"""A program that takes the place of the worker's Python: the same Python, prepared by a few lines first."""

from pathlib import Path

RUN = """
import os as _os, runpy as _runpy, sys as _sys
_sys.path.insert(0, _os.getcwd())
_runpy.run_module(_sys.argv[-1], run_name="__main__", alter_sys=True)
"""


def stand_in(folder: Path, python: Path, prelude: str) -> Path:
    """Runs the prelude and then the worker's own module, in one process.

    Args:
        folder: Where the program and its script are written.
        python: The real one.
        prelude: Python source.
    """
    folder.mkdir(parents=True, exist_ok=True)
    script, program = folder / "stand_in.py", folder / "python"
    script.write_text(prelude + RUN, encoding="utf-8")
    program.write_text(f'#!/bin/sh\nexec "{python}" -u "{script}" "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    return program
