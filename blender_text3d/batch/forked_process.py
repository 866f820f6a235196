# SPDX-License-Identifier: GPL-3.0-or-later
"""ForkedProcess: a fork of this process that runs a function, with the part of `subprocess.Popen` that is used of one.

What this process has imported and loaded, the fork has too, in the same memory until one of them writes to it. Only a
process without other threads may fork, since their locks would stay locked in the fork.
"""

import os
import signal
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, BinaryIO

MAX_DESCRIPTORS = 65536
"""Descriptors that a fork closes at most; no process of a run opens a hundred."""


class ForkedProcess:
    """A child process, in a session of its own.

    Attributes:
        pid: Its process ID.
        stdin: The end of its standard input to write to.
        returncode: Its exit code, negative for a signal; None while it runs, as far as is known.
    """

    def __init__(self, run: Callable[[], int], output: BinaryIO, *, variables: Mapping[str, str], folder: Path) -> None:
        """Fork.

        Args:
            run: What the child does; it returns the exit code.
            output: The child's standard output and error.
            variables: Environment variables that the child has besides those of this process.
            folder: The child's working directory.

        Raises:
            OSError: There is no memory for a process, or too many run.
        """
        read, write = os.pipe()
        try:
            self.pid = os.fork()
        except OSError:
            os.close(write)
            raise
        finally:
            if getattr(self, "pid", 1):
                os.close(read)
        if not self.pid:
            run_and_exit(lambda: _run_child(run, read, output.fileno(), variables, folder))
        self.stdin: IO[bytes] = os.fdopen(write, "wb", 0)
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """Return the exit code, or None while it runs."""
        return self._waited(os.WNOHANG)

    def wait(self) -> int | None:
        """Wait until it has ended."""
        return self._waited(0)

    def kill(self) -> None:
        """Kill it, unless its end is known."""
        if self.poll() is None:
            os.kill(self.pid, signal.SIGKILL)  # nobody else waits for it, so the ID is still its own

    def _waited(self, flags: int) -> int | None:
        if self.returncode is None:
            pid, status = os.waitpid(self.pid, flags)
            if pid:
                self.returncode = os.waitstatus_to_exitcode(status)
        return self.returncode


def run_and_exit(run: Callable[[], int]) -> None:
    """Run a function in a fork and end the process, whatever happens: what called the fork must not go on twice."""
    code = 1
    try:
        code = run()
    except BaseException:
        os.write(2, traceback.format_exc().encode())
    finally:
        os._exit(code)


def _run_child(run: Callable[[], int], read: int, output: int, variables: Mapping[str, str], folder: Path) -> int:
    os.setsid()
    for target, source in enumerate((read, output, output)):
        os.dup2(source, target)
    os.closerange(3, MAX_DESCRIPTORS)
    os.environ.update(variables)
    os.chdir(folder)
    return run()
