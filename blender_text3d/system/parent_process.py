# SPDX-License-Identifier: GPL-3.0-or-later
"""End this process when the one that started it has ended, even in the middle of its work."""

import os
import signal
import threading
import time

VARIABLE = "BLENDER_TEXT3D_END_WITH"
"""Process ID of the process to end with."""
CHECK_EVERY_S = 0.5


def end_with_parent() -> None:
    """Watch the process that the variable names in a thread. On Windows, where that is another matter, do nothing."""
    pid = os.environ.get(VARIABLE, "")
    if pid.isdecimal() and int(pid) > 1 and os.name != "nt":
        threading.Thread(target=_watch, args=(int(pid), os.getppid()), daemon=True).start()


def _watch(pid: int, parent: int) -> None:
    """End this process when another one is gone, or when the parent is: of that, a dead entry may stay for long."""
    while is_running(pid) and os.getppid() == parent:
        time.sleep(CHECK_EVERY_S)
    os.kill(os.getpid(), signal.SIGKILL)


def is_running(pid: int) -> bool:
    """True if there is a process with this ID."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
