# SPDX-License-Identifier: GPL-3.0-or-later
"""WorkerProcess: one worker, started from its own Python, told what to do over its stdin."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from ..protocol.job_folder import JobFolder
from ..system.run_module import python_options

# Not resolved: an extension may be a link, and the worker must see the same package by the same name.
PACKAGE = Path(__file__).absolute().parents[1]
INSTALLED = "blender_manifest.toml"
"""Lies inside the package where Blender installed it, beside it everywhere else."""
LAST_BYTES = 2**16


class CannotStart(Exception):
    """The worker's Python could not be started; the message is one sentence for the user."""


class WorkerProcess:
    """A child process that makes objects, one batch at a time.

    Its output goes to a file, so a full pipe can never stop it; its stdin is the only line to it, so it notices when
    this process ends, however that happens.
    """

    def __init__(self, python: Path, jobs_dir: Path) -> None:
        self.python = Path(python)
        self.variables: dict[str, str] = {}
        """Environment variables for it, beside this process's own."""
        self.log = Path(jobs_dir) / f"worker-{os.getpid()}.log"
        self._process: subprocess.Popen | None = None

    @property
    def pid(self) -> int:
        """Of the newest process, dead or alive; 0 before the first."""
        return self._process.pid if self._process else 0

    @property
    def exit_code(self) -> int | None:
        """Of the newest process; negative for a signal, None while it lives."""
        return self._process.poll() if self._process else None

    def start(self) -> None:
        """Start a fresh process.

        Raises:
            CannotStart: There is no such Python, or it cannot be run.
        """
        self.close()
        try:
            with _appended_or_nowhere(self.log) as output:
                self._process = subprocess.Popen(
                    [str(self.python), *worker_options()],
                    stdin=subprocess.PIPE,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    bufsize=0,
                    cwd=PACKAGE.parent,
                    env=worker_environment() | self.variables,
                    **_own_group(),
                )
        except OSError as error:
            raise CannotStart(f"The worker's Python {self.python} cannot be started ({error.strerror}).") from error

    def send(self, jobs: Sequence[JobFolder], at_once: int | None = None) -> None:
        """Offer jobs to the worker, after those it was told before; it claims as many as it makes together.

        Args:
            jobs: In the order in which they were asked for.
            at_once: The most that may be made together; None leaves it to the worker.

        Raises:
            OSError: It no longer listens.
        """
        offer = {"do": [str(job.path.absolute()) for job in jobs]} | ({"at_once": at_once} if at_once else {})
        self._process.stdin.write(json.dumps(offer).encode() + b"\n")

    def is_alive(self) -> bool:
        """Whether the process runs."""
        return self._process is not None and self._process.poll() is None

    def is_listening(self) -> bool:
        """Whether it runs and will take another job."""
        return self.is_alive() and not self._process.stdin.closed

    def close(self) -> None:
        """Let the worker finish its job and leave."""
        if self._process:
            self._process.stdin.close()

    def kill(self) -> None:
        """End the worker now and wait until it is gone."""
        if self._process:
            self._process.kill()
            self._process.wait()

    def last_words(self) -> str:
        """The last line it printed outside of any job, or nothing."""
        try:
            lines = _end_of(self.log).split("\n")
        except OSError:
            return ""
        return next((line.strip() for line in reversed(lines) if line.strip()), "")


def _end_of(path: Path) -> str:
    """The last few lines of a file that may have grown long."""
    with path.open("rb") as file:
        file.seek(max(0, file.seek(0, os.SEEK_END) - LAST_BYTES))
        return file.read(LAST_BYTES).decode("utf-8", "replace")


def worker_options() -> list[str]:
    """Python's own options that run the worker in the folder that holds the package.

    Where Blender installed the package, and may replace it, the worker runs from a copy, and Python leaves no bytecode.
    """
    if (PACKAGE / INSTALLED).is_file():
        return ["-B", "-u", *python_options(PACKAGE, "worker.run_from_copy")]
    return ["-u", *python_options(PACKAGE, "worker")]


def worker_environment() -> dict[str, str]:
    """This process's environment without what points Python at Blender's own modules."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "__PYVENV"))}
    return kept | {"PYTHONUTF8": "1"}


def _appended_or_nowhere(path: Path):
    try:
        return path.open("ab")
    except OSError:  # a worker without a log still works, or says why not
        return open(os.devnull, "wb")


def _own_group() -> dict:
    """Keeps Ctrl-C and a break meant for this process from the worker."""
    if sys.platform == "win32":
        return {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW}
    return {"start_new_session": True}
