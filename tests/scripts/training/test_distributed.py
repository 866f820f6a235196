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


OPTIMIZING_PROGRAM = """
import atexit, sys
from argparse import Namespace
from pathlib import Path
import torch
from scripts.training.data import distributed

def write_threads(path):
    path.write_text("".join(sorted(task.read_text() for task in Path("/proc/self/task").glob("*/comm"))))

def train(arguments):
    network = torch.nn.Linear(3, 2)
    optimizer = torch.optim.SGD(network.parameters(), 0.1)
    network(torch.ones(1, 3)).sum().backward()
    distributed.average_gradients(network.parameters())
    optimizer.step()
    folder = Path(arguments.folder)
    write_threads(folder / f"training-{distributed.rank()}")
    atexit.register(write_threads, folder / f"exit-{distributed.rank()}")

if __name__ == "__main__":
    distributed.run(train, Namespace(processes=2, port=None, seed=0, folder=sys.argv[1]))
"""


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="threads of Linux")
def test_no_thread_of_the_communication_is_left_when_a_process_exits(tmp_path):
    """A thread that frees tensors while the interpreter ends would abort the process."""
    (tmp_path / "program.py").write_text(OPTIMIZING_PROGRAM)
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, tmp_path / "program.py", tmp_path], env=environment, check=True, timeout=600)
    for rank in range(2):
        assert "gloo" in (tmp_path / f"training-{rank}").read_text()
        assert "gloo" not in (tmp_path / f"exit-{rank}").read_text()
