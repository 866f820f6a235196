# SPDX-License-Identifier: GPL-3.0-or-later
"""Reuse of freed memory while the engine runs.

By default glibc returns every large block to the system at once, and the next block comes back page by page, each
zeroed first: 5 % of a large network's time on one core. While the engine runs, freed blocks are kept; afterwards all of
them are returned.

Source: glibc's manual, "Malloc Tunable Parameters"; malloc_trim(3).
"""

import ctypes
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

_TRIM_THRESHOLD, _MMAP_MAX = -1, -4
"""glibc's parameter numbers: free bytes at the heap's end that trigger a trim; maximal number of mmapped blocks."""

_NEVER = 2**31 - 1
_DEFAULT_TRIM, _DEFAULT_MMAPS = 128 * 2**10, 65536


@contextmanager
def keep_freed_memory() -> Iterator[None]:
    """Keep freed memory within the context and return it afterwards. Has no effect without glibc."""
    library = _glibc()
    if library is not None:
        library.mallopt(_MMAP_MAX, 0)
        library.mallopt(_TRIM_THRESHOLD, _NEVER)
    try:
        yield
    finally:
        if library is not None:
            library.mallopt(_MMAP_MAX, _DEFAULT_MMAPS)
            library.mallopt(_TRIM_THRESHOLD, _DEFAULT_TRIM)
            library.malloc_trim(0)


@cache
def _glibc() -> ctypes.CDLL | None:
    if sys.platform != "linux":
        return None
    library = ctypes.CDLL(None)
    has_all = all(hasattr(library, name) for name in ("gnu_get_libc_version", "mallopt", "malloc_trim"))
    return library if has_all else None
