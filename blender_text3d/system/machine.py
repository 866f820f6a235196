# SPDX-License-Identifier: GPL-3.0-or-later
"""Which machine this is, by a name that stays when a network gives it another, and that tells nothing else."""

import hashlib
import os
import platform
import sys
from contextlib import suppress
from functools import cache
from pathlib import Path

LINUX_FILES = ("/etc/machine-id", "/var/lib/dbus/machine-id")
LINUX_PROCESSES = "/proc/self/ns/pid"
WHOLE_MACHINE = "pid:[4026531836]"
"""The name space of processes that Linux itself begins with; those of containers have other numbers."""
WINDOWS_KEY = r"SOFTWARE\Microsoft\Cryptography"


@cache
def machine_id() -> str:
    """A hash that is the same for every process of this machine; "" where the system has no number of its own.

    Never the number itself: job folders are shown and sent to others, who could know the machine by it elsewhere.
    """
    number = _number()
    return hashlib.sha256(f"blender_text3d {number}".encode()).hexdigest()[:16] if number else ""


def is_this_machine(host: str, machine: str) -> bool:
    """Whether a process that wrote this ran here.

    Args:
        host: Its machine's name.
        machine: Its machine_id(); "" where it knew none, and then the name has to do.
    """
    return machine == machine_id() if machine and machine_id() else host == platform.node()


def _number() -> str:
    with suppress(Exception):  # whatever a system lacks or forbids: its name does, too
        if sys.platform == "win32":
            return _on_windows()
        return _on_macos() if sys.platform == "darwin" else _on_linux()
    return ""


def _on_linux() -> str:
    number = next((text for file in LINUX_FILES if (text := _text_of(file))), "")
    is_container = os.path.lexists(LINUX_PROCESSES) and os.readlink(LINUX_PROCESSES) != WHOLE_MACHINE
    # Containers of one image may all have its number; their names differ.
    return f"{number} {platform.node()}" if number and is_container else number


def _text_of(file: str) -> str:
    try:
        return Path(file).read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        return ""


def _on_macos() -> str:
    import ctypes

    number, wait_s = (ctypes.c_ubyte * 16)(), (ctypes.c_long * 2)(1, 0)
    return "" if ctypes.CDLL(None).gethostuuid(number, wait_s) else bytes(number).hex()


def _on_windows() -> str:
    import winreg

    access = winreg.KEY_READ | winreg.KEY_WOW64_64KEY
    with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, WINDOWS_KEY, 0, access) as key:
        number, _ = winreg.QueryValueEx(key, "MachineGuid")
    # Machines that were copied from one disk may all have its number; their names differ, and no network gives them.
    return f"{number} {platform.node()}"
