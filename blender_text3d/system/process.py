# SPDX-License-Identifier: GPL-3.0-or-later
"""When a process began: once it is gone, or the machine was started anew, another one may have its number."""

import hashlib
import os
import sys
from contextlib import suppress
from functools import cache
from pathlib import Path

QUERY_LIMITED_INFORMATION = 0x1000
KERN_PROC_PID = (1, 14, 1)
TIME_BYTES = 16
START_FIELD = 19
"""Of /proc/PID/stat, counted from behind the program's name, which may hold anything."""


def process_start_token(pid: int) -> str:
    """The beginning of a process of this machine, in words that are only compared; "" where it is not known."""
    with suppress(Exception):  # whatever a system lacks or forbids: the number alone has to do
        if sys.platform == "win32":
            return _on_windows(pid)
        return _on_macos(pid) if sys.platform == "darwin" else _on_linux(pid)
    return ""


def own_start_token() -> str:
    """The beginning of this very process; asked for once."""
    return _start_once(os.getpid())


_start_once = cache(process_start_token)
"""By the number, since a copy of this process has another."""


def is_in_other_pid_namespace(started: str) -> bool:
    """Whether a process is another container's, which has its own numbers, on this machine since it was started."""
    written, own = started.split(), own_start_token().split()
    return len(written) == len(own) == len(("boot", "space", "ticks")) and written[0] == own[0] and written[1] != own[1]


def _on_linux(pid: int) -> str:
    """When the machine was started, among which processes it has its number, and ticks from the one to the other."""
    boot = Path("/proc/sys/kernel/random/boot_id").read_bytes()
    space = os.readlink("/proc/self/ns/pid")
    stat = Path(f"/proc/{pid}/stat").read_bytes()
    ticks = int(stat[stat.rindex(b")") + 1 :].split()[START_FIELD])
    return f"{hashlib.sha256(b'blender_text3d ' + boot).hexdigest()[:12]} {space} {ticks}"


def _on_macos(pid: int) -> str:
    import ctypes

    query, found = (ctypes.c_int * 4)(*KERN_PROC_PID, pid), (ctypes.c_int64 * 128)()
    size = ctypes.c_size_t(ctypes.sizeof(found))
    failed = ctypes.CDLL(None).sysctl(query, 4, found, ctypes.byref(size), None, ctypes.c_size_t(0))
    # What it gives begins with the time: seconds, then microseconds in half of the second number.
    return "" if failed or size.value < TIME_BYTES else f"{found[0]}.{found[1] & 0xFFFFFFFF:06}"


def _on_windows(pid: int) -> str:
    import ctypes

    kernel = ctypes.WinDLL("kernel32", use_last_error=True)
    kernel.OpenProcess.restype = ctypes.c_void_p
    handle = kernel.OpenProcess(QUERY_LIMITED_INFORMATION, False, pid)
    if not handle:
        return ""
    times = [ctypes.c_uint64() for _ in ("began", "ended", "in the system", "in the program")]
    is_told = kernel.GetProcessTimes(ctypes.c_void_p(handle), *map(ctypes.byref, times))
    kernel.CloseHandle(ctypes.c_void_p(handle))
    return str(times[0].value) if is_told else ""
