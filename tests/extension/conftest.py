# SPDX-License-Identifier: GPL-3.0-or-later
"""The built zip, installed as a user installs it, in a separate Blender user folder.

Run by scripts/test.py: TEXT3D_ZIP names the zip, TEXT3D_WORKER_PYTHON a Python with the worker's packages.
"""

import importlib.util
import os
import tempfile

os.environ.setdefault("BLENDER_USER_RESOURCES", tempfile.mkdtemp(prefix="text3d-blender-"))
CAN_RUN = importlib.util.find_spec("bpy") is not None and "TEXT3D_ZIP" in os.environ
collect_ignore_glob = [] if CAN_RUN else ["test_*.py"]


def pytest_report_header() -> str:
    return "tests/extension: " + (os.environ["TEXT3D_ZIP"] if CAN_RUN else "NOT collected without bpy and TEXT3D_ZIP")
