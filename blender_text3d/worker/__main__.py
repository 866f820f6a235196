# SPDX-License-Identifier: GPL-3.0-or-later
"""python -m blender_text3d.worker: does the jobs named on stdin until stdin closes, or has been silent for long."""

import contextlib
import os
import traceback

from ..protocol.failures import EXIT_CODES, IDLE, REASON_OF_ERRNO, RESTART_WORKER
from .commands import offers_from, private_stdin
from .idle_timeout import LineReader, idle_timeout_s
from .loop import run_offer
from .worker_state import WorkerState


def main() -> int:
    """Do every job; leave early where a job folder can no longer be written, so that the client can say it.

    A worker that ran out of memory, or lacks something, leaves too: what comes after it begins anew. So does one that
    has nothing to do for long: the models that it holds take memory, and a graphics card's, from other programs.
    """
    workshop = WorkerState()
    lines = LineReader(private_stdin(), idle_timeout_s(os.environ))
    for offer in offers_from(lines):
        try:
            run_offer(offer, workshop)
        except OSError as error:
            with contextlib.suppress(OSError):
                traceback.print_exc()
            return EXIT_CODES[REASON_OF_ERRNO.get(error.errno, "broken_job")]
        if workshop.is_spoilt:
            return RESTART_WORKER
    return IDLE if lines.was_silent else 0


def run() -> None:
    """Be the worker, and leave with its exit code."""
    exit_code = main()
    if exit_code:
        # A normal exit flushes stderr first; where that lies on the same full disk, the code would be lost.
        os._exit(exit_code)


if __name__ == "__main__":
    run()
