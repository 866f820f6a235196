# SPDX-License-Identifier: GPL-3.0-or-later
"""How much memory this process holds."""

import sys
from pathlib import Path

MB = 2**20


def memory_mb() -> float:
    """Resident memory in 2**20 bytes; 0 where the system does not tell."""
    if sys.platform == "linux":
        resident_pages = int(Path("/proc/self/statm").read_text().split()[1])
        return round(resident_pages * _page_bytes() / MB, 1)
    if sys.platform == "darwin":
        import resource

        return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MB, 1)
    return 0.0


def _page_bytes() -> int:
    import resource

    return resource.getpagesize()
