# SPDX-License-Identifier: GPL-3.0-or-later
"""The Python of the worker that a terminal starts."""

import os
import sys
from importlib.util import find_spec
from pathlib import Path

from blender_text3d.batch.flags import PYTHON_VARIABLE
from blender_text3d.environment.paths import worker_env_dir, worker_python


def default_python() -> Path:
    """Return TEXT3D_WORKER_PYTHON, else this Python if it has torch, else the worker environment's Python."""
    if os.environ.get(PYTHON_VARIABLE):
        return Path(os.environ[PYTHON_VARIABLE])
    return Path(sys.executable) if find_spec("torch") else worker_python(worker_env_dir())
