# SPDX-License-Identifier: GPL-3.0-or-later
"""The memory that the worker uses."""

import functools
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import psutil

MB = 2**20


def memory_mb() -> float:
    """Return the resident memory of this process in units of 2**20 bytes, or 0.0 if psutil is not installed."""
    process = _this_process()
    return round(process.memory_info().rss / MB, 1) if process else 0.0


@functools.cache
def _this_process() -> "psutil.Process | None":
    try:
        import psutil
    except ImportError:  # in an incomplete environment the job fails, and for that it has to report its steps
        return None
    return psutil.Process()
