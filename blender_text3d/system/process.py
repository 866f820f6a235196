# SPDX-License-Identifier: GPL-3.0-or-later
"""Identity and liveness of processes on this machine.

Process IDs are reused, and restart after a reboot, so a process is identified by its ID and a start token.
"""

import hashlib
import os
import sys
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

QUERY_LIMITED_INFORMATION = 0x1000
STILL_ACTIVE = 259
ACCESS_DENIED = 5
KERN_PROC_PID = (1, 14, 1)
TIMEVAL_BYTES = 16
START_TIME_FIELD = 19
"""Index in /proc/PID/stat, counted after the program's name, which may contain spaces and brackets."""


def process_start_token(pid: int) -> str:
    """Return an opaque token for the start of a process, to be compared only, or "" if it is unknown."""
    with suppress(Exception):  # without a token, the process ID alone has to do
        if sys.platform == "win32":
            return _start_token_on_windows(pid)
        return _start_token_on_macos(pid) if sys.platform == "darwin" else _start_token_on_linux(pid)
    return ""


def own_start_token() -> str:
    """Return the start token of this process."""
    return _cached_start_token(os.getpid())


_cached_start_token = cache(process_start_token)
"""Keyed by process ID, because a fork has another."""


def is_in_other_pid_namespace(start_token: str) -> bool:
    """True if the token comes from another container on this machine, since the last boot."""
    other, own = start_token.split(), own_start_token().split()
    return len(other) == len(own) == len(("boot", "namespace", "ticks")) and other[0] == own[0] and other[1] != own[1]


def is_alive(pid: int, start_token: str) -> bool:
    """True if a process of this machine still runs; also if it is in another container, which cannot be checked.

    Args:
        pid: Its process ID, which may have been reused.
        start_token: Its `process_start_token`; "" accepts any process with this ID.
    """
    if is_in_other_pid_namespace(start_token):
        return True
    return pid_is_alive(pid) and ("" in (start_token, current := process_start_token(pid)) or current == start_token)


def pid_is_alive(pid: int) -> bool:
    """True if a process with this ID runs on this machine."""
    if pid <= 0:
        return False
    return _is_alive_on_windows(pid) if sys.platform == "win32" else _is_alive_on_posix(pid)


def _is_alive_on_posix(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:  # it is alive and belongs to another user
        return True
    return True


def _is_alive_on_windows(pid: int) -> bool:
    # os.kill(pid, 0) would terminate the process here.
    if sys.platform != "win32":  # for type checkers
        raise OSError("not Windows")
    import ctypes

    kernel, handle = _open_process(pid)
    if not handle:
        return bool(ctypes.get_last_error() == ACCESS_DENIED)  # it is alive and belongs to another user
    code = ctypes.c_ulong()
    kernel.GetExitCodeProcess(ctypes.c_void_p(handle), ctypes.byref(code))
    kernel.CloseHandle(ctypes.c_void_p(handle))
    return code.value == STILL_ACTIVE


def _start_token_on_linux(pid: int) -> str:
    """Return the hashed boot ID, the PID namespace and the start time in clock ticks after boot."""
    boot_id = Path("/proc/sys/kernel/random/boot_id").read_bytes()
    namespace = os.readlink("/proc/self/ns/pid")
    stat = Path(f"/proc/{pid}/stat").read_bytes()
    ticks = int(stat[stat.rindex(b")") + 1 :].split()[START_TIME_FIELD])
    return f"{hashlib.sha256(b'blender_text3d ' + boot_id).hexdigest()[:12]} {namespace} {ticks}"


def _start_token_on_macos(pid: int) -> str:
    import ctypes

    query, info = (ctypes.c_int * 4)(*KERN_PROC_PID, pid), (ctypes.c_int64 * 128)()
    size = ctypes.c_size_t(ctypes.sizeof(info))
    failed = ctypes.CDLL(None).sysctl(query, 4, info, ctypes.byref(size), None, ctypes.c_size_t(0))
    # kinfo_proc begins with the start time, a timeval: 64 bits of seconds, then 32 bits of microseconds.
    return "" if failed or size.value < TIMEVAL_BYTES else f"{info[0]}.{info[1] & 0xFFFFFFFF:06}"


def _start_token_on_windows(pid: int) -> str:
    import ctypes

    kernel, handle = _open_process(pid)
    if not handle:
        return ""
    times = [ctypes.c_uint64() for _ in ("creation", "exit", "kernel", "user")]
    succeeded = kernel.GetProcessTimes(ctypes.c_void_p(handle), *map(ctypes.byref, times))
    kernel.CloseHandle(ctypes.c_void_p(handle))
    return str(times[0].value) if succeeded else ""


def _open_process(pid: int) -> tuple[Any, int | None]:
    if sys.platform != "win32":  # for type checkers
        raise OSError("not Windows")
    import ctypes

    kernel = ctypes.WinDLL("kernel32", use_last_error=True)
    kernel.OpenProcess.restype = ctypes.c_void_p
    return kernel, kernel.OpenProcess(QUERY_LIMITED_INFORMATION, False, pid)
