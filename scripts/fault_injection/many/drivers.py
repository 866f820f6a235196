# SPDX-License-Identifier: GPL-3.0-or-later
"""Processes that fill one output folder: the batch command with local workers, or on a Ray cluster."""

import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import psutil

REPOSITORY = Path(__file__).parents[3]
RENAME_DELAY = "TEXT3D_FAULT_RENAME_DELAY_S"
DRIVER = f"""
import os, random, runpy, sys, time
sys.path.insert(0, {str(REPOSITORY)!r})
from scripts.fault_injection.child.clock_patch import set_clock
set_clock()
delay, rename = float(os.environ.get({RENAME_DELAY!r}, "0")), os.rename
def slow_rename(*arguments, **options):
    time.sleep(random.uniform(0, delay))
    rename(*arguments, **options)
    time.sleep(random.uniform(0, delay))
if delay:
    os.rename = slow_rename
sys.argv = sys.argv[1:]
runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
"""
"""A network drive answers a rename late, before or after others see it; a clock may be wrong."""
WORKER = f"""#!{{python}}
import os, runpy, sys
sys.path[:0] = [os.getcwd(), {str(REPOSITORY)!r}]
from tests.worker import scripted_engine
sys.modules["blender_text3d.engine.generate"] = sys.modules["blender_text3d.engine.device"] = scripted_engine
runpy.run_module(sys.argv[-1], run_name="__main__", alter_sys=True)
"""
"""The real worker with an engine that takes milliseconds, also in the copy of the package that Ray makes."""


def worker_python(folder: Path, python: str = sys.executable) -> Path:
    """Write the program that the batch command takes for the worker's Python; returns its path."""
    program = folder / "python"
    program.write_text(WORKER.format(python=python))
    program.chmod(0o755)
    return program


class Driver:
    """A batch command that is started again whenever it has ended before all objects were there.

    Attributes:
        starts: How often it was started.
        codes: Exit codes so far.
    """

    def __init__(self, arguments: list[str], log: Path, variables: dict[str, str], python: str = sys.executable):
        """Prepare the command, and start nothing.

        Args:
            arguments: Module and command line.
            log: A file for its output.
            variables: Environment variables added to those of this process.
            python: The Python that runs it.
        """
        self._command = [python, "-c", DRIVER, *arguments]
        self._log, self._variables = log, variables
        self._process: subprocess.Popen[bytes] | None = None
        self.starts = 0
        self.codes: list[int] = []

    def start(self) -> None:
        """Start the process."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command, cwd=REPOSITORY, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env=os.environ | self._variables, start_new_session=True,
            )  # fmt: skip
        self.starts += 1

    @property
    def pid(self) -> int:
        """Process ID of the newest process."""
        assert self._process is not None
        return self._process.pid

    def is_running(self) -> bool:
        """True until the process has ended; its exit code is kept then."""
        if self._process is None:
            return False
        if (code := self._process.poll()) is None:
            return True
        self.codes.append(code)
        self._process = None
        return False

    def children(self) -> list[psutil.Process]:
        """Return all processes below the newest one."""
        try:
            return psutil.Process(self.pid).children(recursive=True) if self._process else []
        except psutil.NoSuchProcess:
            return []

    def end(self) -> None:
        """End the process and those below it."""
        children = self.children()
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self.is_running()
        for child in children:
            with suppress(psutil.NoSuchProcess):
                child.kill()
