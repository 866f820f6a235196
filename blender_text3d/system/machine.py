# SPDX-License-Identifier: GPL-3.0-or-later
"""An anonymous, stable identifier of this machine, which does not change with its host name."""

import hashlib
import os
import platform
import sys
from contextlib import suppress
from functools import cache
from pathlib import Path

MACHINE_ID_FILES = ("/etc/machine-id", "/var/lib/dbus/machine-id")
LINUX_PID_NAMESPACE = "/proc/self/ns/pid"
INITIAL_NAMESPACE = "pid:[4026531836]"
"""The initial PID namespace of Linux; containers have others."""
LINUX_BOOT_ID = "/proc/sys/kernel/random/boot_id"
MACHINE_GUID_KEY = r"SOFTWARE\Microsoft\Cryptography"


@cache
def machine_id() -> str:
    """Return a hash that is the same for every process of this machine, or "" if the system has no machine ID.

    Only a hash, because job folders are shared, and the system's own ID would identify the machine elsewhere.
    """
    system_id = _system_id()
    return hashlib.sha256(f"blender_text3d {system_id}".encode()).hexdigest()[:16] if system_id else ""


@cache
def kernel_id() -> str:
    """Return a hash that only processes share that see each other's file locks: those of one running system.

    Unlike `machine_id` it tells clones of a disk image apart, and on Linux it is the same in all containers of a host.
    """
    system_id = _read_text(LINUX_BOOT_ID) if sys.platform == "linux" else machine_id()
    return hashlib.sha256(f"blender_text3d {system_id or platform.node()}".encode()).hexdigest()[:16]


def is_this_machine(host: str, machine: str) -> bool:
    """True if a process that recorded these values ran on this machine.

    Args:
        host: Its host name.
        machine: Its `machine_id()`; "" if unknown, then only the host name is compared.
    """
    return machine == machine_id() if machine and machine_id() else host == platform.node()


def _system_id() -> str:
    with suppress(Exception):  # without an ID, the host name is used
        if sys.platform == "win32":
            return _on_windows()
        return _on_macos() if sys.platform == "darwin" else _on_linux()
    return ""


def _on_linux() -> str:
    system_id = next((text for file in MACHINE_ID_FILES if (text := _read_text(file))), "")
    is_container = os.path.lexists(LINUX_PID_NAMESPACE) and os.readlink(LINUX_PID_NAMESPACE) != INITIAL_NAMESPACE
    # Containers of one image may share its ID, but their host names differ.
    return f"{system_id} {platform.node()}" if system_id and is_container else system_id


def _read_text(file: str) -> str:
    try:
        return Path(file).read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        return ""


def _on_macos() -> str:
    import ctypes

    uuid, timeout = (ctypes.c_ubyte * 16)(), (ctypes.c_long * 2)(1, 0)
    return "" if ctypes.CDLL(None).gethostuuid(uuid, timeout) else bytes(uuid).hex()


def _on_windows() -> str:
    if sys.platform != "win32":  # for type checkers
        raise OSError("not Windows")
    import winreg

    access = winreg.KEY_READ | winreg.KEY_WOW64_64KEY
    with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, MACHINE_GUID_KEY, 0, access) as key:
        guid, _ = winreg.QueryValueEx(key, "MachineGuid")
    # Machines cloned from one disk image may share its GUID, but their host names differ, and no network sets those.
    return f"{guid} {platform.node()}"
