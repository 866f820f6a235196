# SPDX-License-Identifier: GPL-3.0-or-later
"""python -m blender_text3d.worker: does the jobs named on stdin until stdin closes."""

import contextlib
import os
import traceback

from ..protocol.failures import EXIT_CODES, REASON_OF_ERRNO, SPOILT
from .inbox import offers_from, private_stdin
from .loop import attend
from .workshop import Workshop


def main() -> int:
    """Do every job; leave early where a job folder can no longer be written, so that the client can say it.

    A worker that ran out of memory, or lacks something, leaves too: what comes after it begins anew.
    """
    workshop = Workshop()
    for offer in offers_from(private_stdin()):
        try:
            attend(offer, workshop)
        except OSError as error:
            with contextlib.suppress(OSError):
                traceback.print_exc()
            return EXIT_CODES[REASON_OF_ERRNO.get(error.errno, "broken_job")]
        if workshop.is_spoilt:
            return SPOILT
    return 0


def run() -> None:
    """Be the worker, and leave with its exit code."""
    exit_code = main()
    if exit_code:
        # A normal exit flushes stderr first; where that lies on the same full disk, the code would be lost.
        os._exit(exit_code)


if __name__ == "__main__":
    run()
