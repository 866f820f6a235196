# SPDX-License-Identifier: GPL-3.0-or-later
"""Process liveness: Windows calls are simulated, so that they are tested on every system."""

import ctypes
import hashlib
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from blender_text3d.system import process

ALIVE, EXITED, UNKNOWN, OTHER_USERS = 4, 8, 12, 16
QUERY_LIMITED_INFORMATION = 0x1000
ACCESS_DENIED, INVALID_PARAMETER, STILL_ACTIVE = 5, 87, 259
CREATED = 133_700_000_000_000_000


class OpenProcess:
    """kernel32.OpenProcess, with the attribute for its result type."""

    def __init__(self, kernel: "Kernel") -> None:
        self.kernel = kernel
        self.restype = None

    def __call__(self, access: int, inherits: bool, pid: int) -> int | None:
        assert (access, inherits) == (QUERY_LIMITED_INFORMATION, False)
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
        self.has_times = True
        self.OpenProcess = OpenProcess(self)

    def GetExitCodeProcess(self, handle: SimpleNamespace, code: SimpleNamespace) -> int:
        code.value = STILL_ACTIVE if handle.value == ALIVE else 0
        return 1

    def GetProcessTimes(self, handle: SimpleNamespace, *times: SimpleNamespace) -> int:
        assert len(times) == 4
        times[0].value = CREATED + handle.value
        return self.has_times

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
            WinDLL=lambda name, use_last_error: {("kernel32", True): kernel}[name, use_last_error],
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


def test_on_windows_an_unknown_start_is_not_a_time_of_zero(kernel):
    kernel.has_times = False
    assert process.process_start_token(ALIVE) == ""
    assert process.is_alive(ALIVE, "any")
    assert kernel.open == []


def test_on_windows_every_handle_is_closed_and_none_is_cut_to_32_bits(kernel):
    for pid in (ALIVE, EXITED, UNKNOWN, OTHER_USERS):
        process.is_alive(pid, "any")
    assert kernel.OpenProcess.restype is sys.modules["ctypes"].c_void_p
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


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_on_linux_a_start_token_has_the_boot_the_namespace_and_the_start_in_clock_ticks():
    code = "open('/proc/self/comm', 'w').write('a) R 1 (b'); print(); input()"
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        child.stdout.readline()
        boot, namespace, ticks = process.process_start_token(child.pid).split()
        fields = Path(f"/proc/{child.pid}/stat").read_text().removeprefix(f"{child.pid} (a) R 1 (b) ").split()
        child.communicate(b"\n")
    boot_id = Path("/proc/sys/kernel/random/boot_id").read_bytes()
    assert boot == hashlib.sha256(b"blender_text3d " + boot_id).hexdigest()[:12]
    assert namespace == os.readlink("/proc/self/ns/pid")
    assert ticks == fields[22 - 3]  # proc(5) counts from one, and the ID and the name are cut off
    assert process.own_start_token().split()[:2] == [boot, namespace]


@pytest.mark.parametrize(
    ("code", "size", "expected"),
    [(0, 648, "1700000000.000042"), (0, 16, "1700000000.000042"), (0, 15, ""), (-1, 648, "")],
)
def test_on_macos_a_start_token_is_the_start_time_of_the_kernels_record(monkeypatch, code, size, expected):
    def sysctl(query, count, info, size_ref, new, new_size):
        assert (list(query), count, new, new_size.value) == ([1, 14, 1, 77], 4, None, 0)
        assert size_ref._obj.value == ctypes.sizeof(info) >= 648
        info[0], info[1], size_ref._obj.value = 1_700_000_000, (7 << 32) + 42, size
        return code

    monkeypatch.setattr(ctypes, "CDLL", lambda name: {None: SimpleNamespace(sysctl=sysctl)}[name])
    monkeypatch.setattr(process, "sys", SimpleNamespace(platform="darwin"))
    assert process.process_start_token(77) == expected


@pytest.mark.parametrize("pid", [0, -1, -os.getpid()])
def test_no_process_has_an_id_below_one(pid, monkeypatch):
    monkeypatch.setattr(process, "_is_alive_on_posix", lambda pid: True)
    monkeypatch.setattr(process, "_is_alive_on_windows", lambda pid: True)
    assert process.pid_is_alive(pid) is False
    assert process.pid_is_alive(1)


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
@pytest.mark.parametrize(("error", "expected"), [(PermissionError, True), (ProcessLookupError, False), (None, True)])
def test_a_process_that_may_not_be_signaled_is_alive(monkeypatch, error, expected):
    sent = []

    def kill(*arguments):
        sent.append(arguments)
        if error:
            raise error

    monkeypatch.setattr(process.os, "kill", kill)
    assert process.pid_is_alive(4242) is expected
    assert sent == [(4242, 0)]


@pytest.mark.parametrize(
    ("recorded", "current", "expected"),
    [("a", "a", True), ("a", "b", False), ("", "b", True), ("a", "", True), ("", "", True)],
)
def test_an_unknown_start_accepts_any_process_with_the_id(monkeypatch, recorded, current, expected):
    monkeypatch.setattr(process, "pid_is_alive", lambda pid: True)
    monkeypatch.setattr(process, "process_start_token", lambda pid: current)
    assert process.is_alive(4242, recorded) is expected


@pytest.mark.parametrize(
    ("start_token", "own", "expected"),
    [
        ("boot other 7", "boot own 5", True),
        ("boot own 7", "boot own 5", False),
        ("earlier other 7", "boot own 5", False),
        ("boot other", "boot own 5", False),
        ("boot other 7", "boot own", False),
        ("boot other 7 more", "boot own 5 more", False),
        ("133700000", "133800000", False),
        ("", "", False),
    ],
)
def test_another_namespace_is_known_by_tokens_of_three_parts(monkeypatch, start_token, own, expected):
    monkeypatch.setattr(process, "own_start_token", lambda: own)
    assert process.is_in_other_pid_namespace(start_token) is expected


def test_a_fork_has_its_own_start_token(monkeypatch):
    own = process.own_start_token()
    assert own == process.process_start_token(os.getpid()) != ""
    monkeypatch.setattr(process.os, "getpid", lambda: 2**22 + 1)  # no process has this ID on Linux
    assert process.own_start_token() == "" != own
