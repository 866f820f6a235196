# SPDX-License-Identifier: GPL-3.0-or-later
"""WorkerProcess: a worker started with its own Python, which receives jobs on its stdin."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, Any, BinaryIO, Protocol

from ..protocol.job_folder import JobFolder
from ..system.run_module import python_options

# Not resolved: an extension may be a symbolic link, and the worker must import the package under the same name.
PACKAGE = Path(__file__).absolute().parents[1]
INSTALLED_MARKER = "blender_manifest.toml"
"""A file inside the package of an installed extension; in a checkout it is next to the package."""
LOG_TAIL_BYTES = 2**16


class CannotStart(Exception):
    """The worker's Python cannot be started; the message is a sentence for the user."""


class Process(Protocol):
    """The part of `subprocess.Popen` that is used of a worker."""

    pid: int

    @property
    def stdin(self) -> IO[bytes] | None: ...
    def poll(self) -> int | None: ...
    def kill(self) -> None: ...
    def wait(self) -> int | None: ...


Launch = Callable[["WorkerProcess", BinaryIO], Process]
"""Starts the process of a worker with its output; raises OSError if it cannot."""


class WorkerProcess:
    """A child process that generates objects, one batch at a time.

    Its output goes to a file, so that a full pipe cannot block it. The operating system closes its stdin when this
    process ends, however that happens, and then the worker exits.
    """

    def __init__(self, python: Path, jobs_dir: Path, *, object_only: bool = False) -> None:
        """Create the description of a worker; `start` starts it.

        Args:
            python: The worker's Python.
            jobs_dir: The folder of its log.
            object_only: True if it shall write the objects alone, without recording, kept steps and thumbnail.
        """
        self.python = Path(python)
        self.object_only = object_only
        self.variables: dict[str, str] = {}
        """Environment variables added to those of this process."""
        self.relay: tuple[str, ...] = ()
        """Command line of the relay to another machine, which runs in the worker's place; empty for a worker here."""
        self.launch: Launch = spawned
        """Starts the process."""
        self.log = Path(jobs_dir) / f"worker-{os.getpid()}.log"
        self._process: Process | None = None

    @property
    def pid(self) -> int:
        """Process ID of the newest process, running or not; 0 before the first."""
        return self._process.pid if self._process else 0

    @property
    def exit_code(self) -> int | None:
        """Exit code of the newest process, negative for a signal; None while it runs."""
        return self._process.poll() if self._process else None

    def start(self) -> None:
        """Start a new process.

        Raises:
            CannotStart: The Python does not exist or cannot be run.
        """
        self.close()
        try:
            with _open_log(self.log) as output:
                self._process = self.launch(self, output)
        except OSError as error:
            raise CannotStart(f"The worker's Python {self.python} cannot be started ({error.strerror}).") from error

    def send(self, jobs: Sequence[JobFolder], max_batch_size: int | None = None) -> None:
        """Offer jobs to the worker; it claims as many as it runs in one batch.

        Args:
            jobs: The job folders in queue order.
            max_batch_size: Largest batch; None leaves it to the worker.

        Raises:
            OSError: The worker has exited.
        """
        offer: dict[str, object] = {"do": _paths(jobs)}
        if max_batch_size:
            offer["at_once"] = max_batch_size
        if self.object_only:
            offer["object_only"] = True
        self._write_line(offer)

    def request_thumbnails(self, jobs: Sequence[JobFolder]) -> None:
        """Let the worker render the thumbnails of finished jobs that have none.

        Args:
            jobs: The job folders, the most urgent first.

        Raises:
            OSError: The worker has exited.
        """
        self._write_line({"thumbnails": _paths(jobs)})

    def preload(self, model: str, device: str) -> None:
        """Let the worker load a model before a job needs it.

        Raises:
            OSError: The worker has exited.
        """
        self._write_line({"preload": model, "device": device})

    def is_alive(self) -> bool:
        """True if the process runs."""
        return self._process is not None and self._process.poll() is None

    def is_listening(self) -> bool:
        """True if the process runs and accepts jobs."""
        return self.is_alive() and not self._stdin().closed

    def close(self) -> None:
        """Let the worker complete its job and exit."""
        if self._process:
            self._stdin().close()

    def kill(self) -> None:
        """Kill the worker and wait until it has exited."""
        if self._process:
            self._process.kill()
            self._process.wait()

    def last_line(self) -> str:
        """Return the last line that it printed outside of jobs, or ""."""
        try:
            lines = _end_of(self.log).split("\n")
        except OSError:
            return ""
        return next((line.strip() for line in reversed(lines) if line.strip()), "")

    def _write_line(self, command: dict[str, object]) -> None:
        self._stdin().write(json.dumps(command).encode() + b"\n")

    def _stdin(self) -> IO[bytes]:
        if self._process is None or self._process.stdin is None:
            raise BrokenPipeError("the worker has not been started")
        return self._process.stdin


def _paths(jobs: Sequence[JobFolder]) -> list[str]:
    return [str(job.path.absolute()) for job in jobs]


def _end_of(path: Path) -> str:
    """Return the last lines of a file, which may be long."""
    with path.open("rb") as file:
        file.seek(max(0, file.seek(0, os.SEEK_END) - LOG_TAIL_BYTES))
        return file.read(LOG_TAIL_BYTES).decode("utf-8", "replace")


def spawned(worker: WorkerProcess, output: BinaryIO) -> "subprocess.Popen[bytes]":
    """Start a worker's Python, or the relay in its place.

    Raises:
        OSError: It cannot be run.
    """
    return subprocess.Popen(
        [str(worker.python), *(relay_options(worker.relay) if worker.relay else worker_options())],
        stdin=subprocess.PIPE,
        stdout=output,
        stderr=subprocess.STDOUT,
        bufsize=0,
        cwd=PACKAGE.parent,
        env=worker_environment() | worker.variables,
        **process_group_options(),
    )


def worker_options(module: str = "worker") -> list[str]:
    """Return the arguments of Python that run the worker, or another module that does what it does.

    An installed extension may be replaced while the worker runs: there it runs from a copy, without bytecode.
    """
    if (PACKAGE / INSTALLED_MARKER).is_file():
        return ["-B", "-u", *python_options(PACKAGE, "worker.run_from_copy"), *([module] if module != "worker" else [])]
    return ["-u", *python_options(PACKAGE, module)]


def relay_options(arguments: tuple[str, ...]) -> list[str]:
    """Return the arguments of Python that run the relay; it needs no package, so any Python will do."""
    return ["-B", "-u", *python_options(PACKAGE, "remote.relay_main"), *arguments]


def worker_environment() -> dict[str, str]:
    """Return this process's environment without the variables that lead Python to Blender's own modules."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "__PYVENV"))}
    return kept | {"PYTHONUTF8": "1"}


def _open_log(path: Path) -> BinaryIO:
    try:
        return path.open("ab")
    except OSError:  # the worker runs without a log
        return open(os.devnull, "wb")


def process_group_options() -> dict[str, Any]:
    """Return options that keep Ctrl-C in this process's terminal from the worker."""
    if sys.platform == "win32":
        return {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW}
    return {"start_new_session": True}
