# SPDX-License-Identifier: GPL-3.0-or-later
"""What becomes of memory that tensors free while something is being made.

The C library gives every large block back to the system at once, and the next one comes back page by page, each filled
with zeros first: a twentieth of a large network's time on one core. While something is made it keeps them instead, and
gives all of it back at the end.

Source: glibc's manual, "Malloc Tunable Parameters"; malloc_trim(3).
"""

import ctypes
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

_TRIM_THRESHOLD, _MMAP_MAX = -1, -4
"""Numbers of glibc's parameters: how much free memory at the heap's end is too much; how many blocks of their own."""

_NEVER = 2**31 - 1
_DEFAULT_TRIM, _DEFAULT_MMAPS = 128 * 2**10, 65536


@contextmanager
def keep_freed_memory() -> Iterator[None]:
    """Keep freed memory within; give it back after. Does nothing but where the C library is glibc."""
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
