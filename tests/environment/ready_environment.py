# SPDX-License-Identifier: GPL-3.0-or-later
"""An environment that is ready by its files, for tests of the actions on it."""

import sys
from argparse import Namespace
from pathlib import Path

from blender_text3d.environment.actions import ACTIONS
from blender_text3d.environment.manifest import Manifest, write_manifest
from blender_text3d.environment.paths import venv_python
from blender_text3d.environment.requirements import WORKER
from blender_text3d.environment.smoke_test_result import FILE_NAME, SmokeTestResult, write_test_result


def write_ready_environment(env_dir: Path) -> Path:
    """Write the version "1" of an environment, with a link to this Python and a test result."""
    python = venv_python(env_dir / "1")
    python.parent.mkdir(parents=True)
    python.symlink_to(sys.executable)
    write_manifest(env_dir, Manifest("ready", WORKER.sha256, sys.executable, "1"))
    write_test_result(
        env_dir / "1" / FILE_NAME, SmokeTestResult("3.11.1", "x", tool="uv 1", requested_build="cpu", build="cpu")
    )
    return env_dir


def all_sent(action: str, env_dir: Path, **changes: str):
    """Return the result of an action, and everything that it sent."""
    sent = []
    options = Namespace(**{"env": env_dir, "python": "", "torch": "auto", "torch_index": "", "kit": "", **changes})
    return ACTIONS[action](options, sent.append), sent
