# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a process of this machine still lives."""

import os
import sys

from .process import QUERY_LIMITED_INFORMATION, is_in_other_pid_namespace, process_start_token

STILL_ACTIVE = 259
ACCESS_DENIED = 5


def is_alive(pid: int, started: str) -> bool:
    """Whether a process of this machine still runs, as far as can be seen from here.

    Args:
        pid: Its number, which may be another's by now.
        started: Its `process_start_token`; "" where nobody wrote that down, and then any process of this number will
    do.
    """
    if is_in_other_pid_namespace(started):
        return True
    return pid_is_alive(pid) and ("" in (started, begun := process_start_token(pid)) or begun == started)


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

    kernel = ctypes.WinDLL("kernel32", use_last_error=True)
    kernel.OpenProcess.restype = ctypes.c_void_p
    handle = kernel.OpenProcess(QUERY_LIMITED_INFORMATION, False, pid)
    if not handle:
        return ctypes.get_last_error() == ACCESS_DENIED  # it lives and belongs to somebody else
    code = ctypes.c_ulong()
    kernel.GetExitCodeProcess(ctypes.c_void_p(handle), ctypes.byref(code))
    kernel.CloseHandle(ctypes.c_void_p(handle))
    return code.value == STILL_ACTIVE
