# SPDX-License-Identifier: GPL-3.0-or-later
"""end_with_parent: a process ends with its parent, even in the middle of its work, if it was asked to."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from blender_text3d.system.parent_process import VARIABLE

CODE = "import time; from blender_text3d.system.parent_process import end_with_parent"
CHILD = f"{CODE}; end_with_parent(); time.sleep(3600)"
PARENT = """
import os, subprocess, sys
variables = os.environ | ({sys.argv[2]: str(os.getpid())} if sys.argv[2] else {})
print(subprocess.Popen([sys.executable, "-c", sys.argv[1]], env=variables).pid, flush=True)
input()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no sign of a dead parent")
@pytest.mark.parametrize("is_asked", [True, False])
def test_a_busy_process_ends_with_its_parent_if_it_was_asked_to(is_asked):
    options = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, CHILD, VARIABLE if is_asked else ""], cwd=Path(__file__).parents[2], **options
    )
    child = psutil.Process(int(parent.stdout.readline()))
    try:
        while "parent_process" not in " ".join(child.cmdline()):
            time.sleep(0.02)
        parent.send_signal(signal.SIGKILL)
        parent.wait()
        _, alive = psutil.wait_procs([child], timeout=600 if is_asked else 2)
        assert bool(alive) is not is_asked
    finally:
        if child.is_running():
            child.kill()
