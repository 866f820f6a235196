# SPDX-License-Identifier: GPL-3.0-or-later
"""Processes that train together: they end with the one that started them."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PROGRAM = """
import sys, time
from argparse import Namespace
from pathlib import Path
from scripts.training.data import distributed

def train(arguments):
    (Path(arguments.folder) / f"{distributed.rank()}").write_text("trains")
    while True:
        time.sleep(0.05)
        (Path(arguments.folder) / f"{distributed.rank()}").touch()

if __name__ == "__main__":
    distributed.run(train, Namespace(processes=2, port=None, seed=0, folder=sys.argv[1]))
"""


def ages(folder):
    return [time.time() - (folder / str(rank)).stat().st_mtime for rank in range(2)]


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_processes_of_a_killed_background_job_end_with_it(tmp_path):
    """A shell's background job ignores SIGINT, and so would the processes that it starts."""
    (tmp_path / "program.py").write_text(PROGRAM)
    command = [sys.executable, str(tmp_path / "program.py"), str(tmp_path)]
    ignore = lambda: signal.signal(signal.SIGINT, signal.SIG_IGN)  # noqa: E731
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, preexec_fn=ignore, env=environment, stderr=subprocess.DEVNULL) as process:
        deadline = time.monotonic() + 300
        while not all((tmp_path / str(rank)).exists() for rank in range(2)):
            assert time.monotonic() < deadline, "the processes did not start"
            assert process.poll() is None
            time.sleep(0.1)
        process.kill()
    while min(ages(tmp_path)) < 3:
        assert time.monotonic() < deadline, "a process goes on"
        time.sleep(0.2)
