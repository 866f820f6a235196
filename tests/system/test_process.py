# SPDX-License-Identifier: GPL-3.0-or-later
"""Process liveness: Windows calls are simulated, so that they are tested on every system."""

import os
import subprocess
import sys
from types import SimpleNamespace

import pytest

from blender_text3d.system import process

ALIVE, EXITED, UNKNOWN, OTHER_USERS = 4, 8, 12, 16
ACCESS_DENIED, INVALID_PARAMETER, STILL_ACTIVE = 5, 87, 259
CREATED = 133_700_000_000_000_000


class OpenProcess:
    """kernel32.OpenProcess, with the attribute for its result type."""

    def __init__(self, kernel: "Kernel") -> None:
        self.kernel = kernel
        self.restype = None

    def __call__(self, access: int, inherits: bool, pid: int) -> int | None:
        self.kernel.error = {UNKNOWN: INVALID_PARAMETER, OTHER_USERS: ACCESS_DENIED}.get(pid, 0)
        if self.kernel.error:
            return None
        self.kernel.open.append(pid)
        return pid


class Kernel:
    """kernel32 with four processes."""

    def __init__(self) -> None:
        self.error = 0
        self.open: list[int] = []
        self.OpenProcess = OpenProcess(self)

    def GetExitCodeProcess(self, handle: SimpleNamespace, code: SimpleNamespace) -> int:
        code.value = STILL_ACTIVE if handle.value == ALIVE else 0
        return 1

    def GetProcessTimes(self, handle: SimpleNamespace, *times: SimpleNamespace) -> int:
        times[0].value = CREATED + handle.value
        return 1

    def CloseHandle(self, handle: SimpleNamespace) -> int:
        self.open.remove(handle.value)
        return 1


@pytest.fixture
def kernel(monkeypatch) -> Kernel:
    """A simulated Windows for the modules under test."""
    kernel = Kernel()

    def number(value=0):
        return SimpleNamespace(value=value)

    monkeypatch.setitem(
        sys.modules,
        "ctypes",
        SimpleNamespace(
            WinDLL=lambda name, use_last_error: kernel,
            get_last_error=lambda: kernel.error,
            byref=lambda value: value,
            c_void_p=number,
            c_ulong=number,
            c_uint64=number,
        ),
    )
    monkeypatch.setattr(process, "sys", SimpleNamespace(platform="win32"))
    monkeypatch.setattr(process, "_cached_start_token", lambda pid: str(CREATED))
    return kernel


def test_on_windows_a_process_of_another_user_is_alive_though_it_cannot_be_opened(kernel):
    assert process.pid_is_alive(OTHER_USERS)
    assert process.is_alive(OTHER_USERS, "any")


def test_on_windows_an_exited_or_unknown_process_is_not_alive(kernel):
    assert process.pid_is_alive(ALIVE)
    assert not process.pid_is_alive(EXITED)
    assert not process.pid_is_alive(UNKNOWN)


def test_on_windows_the_start_token_is_the_creation_time(kernel):
    assert process.process_start_token(ALIVE) == str(CREATED + ALIVE)
    assert process.process_start_token(UNKNOWN) == ""
    assert process.is_alive(ALIVE, str(CREATED + ALIVE))
    assert not process.is_alive(ALIVE, str(CREATED - 1))


def test_on_windows_every_handle_is_closed(kernel):
    for pid in (ALIVE, EXITED, UNKNOWN, OTHER_USERS):
        process.is_alive(pid, "any")
    assert kernel.open == []


@pytest.mark.skipif(sys.platform == "win32", reason="uses sleep")
def test_start_tokens_differ_between_processes_and_stay_the_same_for_one():
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    first = process.process_start_token(child.pid)
    assert first
    assert first == process.process_start_token(child.pid) != process.process_start_token(os.getpid())
    child.communicate(b"\n")
    assert process.process_start_token(child.pid) == ""


def test_a_process_of_this_machine_is_alive_until_it_exits():
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    token = process.process_start_token(child.pid)
    assert process.is_alive(child.pid, token)
    child.communicate(b"\n")
    assert not process.is_alive(child.pid, token)


@pytest.mark.parametrize(
    ("start_token", "expected"), [("boot other 7", True), ("boot own 7", False), ("earlier other 7", False)]
)
def test_a_process_of_another_container_counts_as_alive_until_the_machine_restarts(monkeypatch, start_token, expected):
    monkeypatch.setattr(process, "own_start_token", lambda: "boot own 5")
    monkeypatch.setattr(process, "pid_is_alive", lambda pid: False)
    assert process.is_alive(1234, start_token) == expected


def test_a_start_token_stays_the_same_while_the_process_takes_memory():
    before = process.process_start_token(os.getpid())
    block = bytearray(2**26)
    assert process.process_start_token(os.getpid()) == before
    del block
