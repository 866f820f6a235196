# SPDX-License-Identifier: GPL-3.0-or-later
"""Entry point of the worker process: run the jobs named on stdin until it closes or the idle timeout passes."""

import contextlib
import os
import traceback
from typing import TYPE_CHECKING

from ..protocol.failures import EXIT_CODES, IDLE, REASON_OF_ERRNO, RESTART_WORKER, Reason
from ..system.parent_process import end_with_parent
from .batch.file_writer import FileWriter
from .commands import Command, MissingThumbnails, Preload, commands_from
from .idle_timeout import LineReader, idle_timeout_s
from .loop import run_offer
from .standard_streams import private_stdin
from .worker_state import WorkerState

if TYPE_CHECKING:
    from ..engine.generate import Engine


def main(engine: "Engine | None" = None) -> int:
    """Run every command and return the exit code of the process.

    The worker exits early if a job folder can no longer be written, since only the client can report that, and after a
    failure that may leave the process unusable, such as running out of memory. After the idle timeout it exits to free
    the memory that its models take, also on the GPU. It never exits before the files of its objects are written.

    Args:
        engine: The engine, if this process has one already.
    """
    lines = LineReader(private_stdin(), idle_timeout_s(os.environ))
    state = WorkerState(FileWriter(on_failure=lines.stop), engine)
    try:
        for command in commands_from(lines):
            run_command(command, state)
            if state.must_restart:
                break
        state.files.drain()
        state.files.raise_error()
    except OSError as error:
        with contextlib.suppress(OSError):
            traceback.print_exc()
        state.files.drain()
        return EXIT_CODES[REASON_OF_ERRNO.get(error.errno or 0, Reason.BROKEN_JOB)]
    if state.must_restart or state.files.must_restart:
        return RESTART_WORKER
    return IDLE if lines.timed_out else 0


def run_command(command: Command, state: WorkerState) -> None:
    """Run one command of the client.

    Raises:
        OSError: The last event of a job could not be written.
    """
    if isinstance(command, Preload):
        state.preload(command)
    elif isinstance(command, MissingThumbnails):
        from .thumbnails.write import add_missing_thumbnails

        add_missing_thumbnails(command.jobs)
    else:
        run_offer(command, state)


def run(engine: "Engine | None" = None) -> None:
    """Run the worker and exit with its code.

    Args:
        engine: The engine, if this process has one already.
    """
    end_with_parent()
    exit_code = main(engine)
    if exit_code:
        # A normal exit flushes stderr first; if stderr is a file on the same full disk, the code would be lost.
        os._exit(exit_code)


if __name__ == "__main__":
    run()
