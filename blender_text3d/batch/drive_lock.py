# SPDX-License-Identifier: GPL-3.0-or-later
"""Lock of a file in the output folder, which may be on a drive without locks."""

from ..system.file_lock import FileLock


def acquired(lock: FileLock, timeout_s: float = 0.0) -> bool:
    """Acquire a lock, or return False if another process still holds it after `timeout_s`.

    True on a drive without locks: nothing that is done then loses an object, but two packers would pack it twice.
    """
    try:
        return lock.try_acquire(timeout_s)
    except OSError:
        return True
