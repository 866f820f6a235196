# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a process of this machine still lives."""

import os
import sys

STILL_ACTIVE = 259
QUERY_LIMITED_INFORMATION = 0x1000


def pid_is_alive(pid: int) -> bool:
    """Whether a process with this id runs on this machine."""
    if pid <= 0:
        return False
    return _alive_on_windows(pid) if sys.platform == "win32" else _alive_on_posix(pid)


def _alive_on_posix(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:  # it lives and belongs to somebody else
        return True
    return True


def _alive_on_windows(pid: int) -> bool:
    # os.kill(pid, 0) would end the process here.
    import ctypes

    kernel = ctypes.windll.kernel32
    handle = kernel.OpenProcess(QUERY_LIMITED_INFORMATION, False, pid)
    if not handle:
        return False
    code = ctypes.c_ulong()
    kernel.GetExitCodeProcess(handle, ctypes.byref(code))
    kernel.CloseHandle(handle)
    return code.value == STILL_ACTIVE
