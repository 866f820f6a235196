# SPDX-License-Identifier: GPL-3.0-or-later
"""Machine IDs: hashed, equal for every process of a machine, different between machines."""

import ctypes
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from blender_text3d.system import machine

REPOSITORY = Path(__file__).parents[2]
NUMBER = "0123456789abcdef0123456789abcdef"
MACHINE_ID = "a33a4443de7ee7e1"
"""The ID of a machine with this number; job folders have it, so it must stay the same in every version."""
CONTAINER_ID = "88607952fe21f28d"
"""The same in a container with the host name "one"."""


@pytest.fixture
def uncached():
    """An empty cache of the machine ID, before and after the test."""
    machine.machine_id.cache_clear()
    yield
    machine.machine_id.cache_clear()


@pytest.fixture
def linux(uncached, tmp_path, monkeypatch):
    """A function that simulates a Linux machine in a PID namespace and returns its ID."""

    def simulated_id(number: str, namespace: str = machine.INITIAL_NAMESPACE, name: str = "studio") -> str:
        machine.machine_id.cache_clear()
        (tmp_path / "machine-id").write_text(number)
        (tmp_path / "pid").unlink(missing_ok=True)
        (tmp_path / "pid").symlink_to(namespace)
        monkeypatch.setattr(machine, "sys", SimpleNamespace(platform="linux"))
        monkeypatch.setattr(machine, "MACHINE_ID_FILES", (str(tmp_path / "missing"), str(tmp_path / "machine-id")))
        monkeypatch.setattr(machine, "LINUX_PID_NAMESPACE", str(tmp_path / "pid"))
        monkeypatch.setattr(machine.platform, "node", lambda: name)
        return machine.machine_id()

    return simulated_id


def test_every_process_of_a_machine_gets_the_same_id():
    code = "from blender_text3d.system.machine import machine_id; print(machine_id())"
    done = subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == machine.machine_id()


def test_the_systems_own_id_is_not_revealed(linux):
    assert linux(NUMBER)
    assert NUMBER not in linux(NUMBER)
    assert linux(NUMBER) != linux(NUMBER[::-1])


def test_another_host_name_does_not_change_the_id(linux):
    assert linux(NUMBER, name="studio") == linux(NUMBER, name="dhcp-17")


def test_containers_of_one_image_differ_by_host_name(linux):
    assert linux(NUMBER, "pid:[7]", "one") != linux(NUMBER, "pid:[8]", "two")
    assert linux(NUMBER, "pid:[7]", "one") == linux(NUMBER, "pid:[8]", "one")


def test_a_machine_without_an_id_is_known_by_its_host_name(linux):
    assert linux("") == ""
    assert machine.is_this_machine("studio", "")
    assert machine.is_this_machine("studio", "any")
    assert not machine.is_this_machine("another", "any")


def test_records_of_older_versions_are_compared_by_host_name(linux):
    assert linux(NUMBER)
    assert machine.is_this_machine("studio", "")
    assert not machine.is_this_machine("another", "")


def test_windows_has_its_id_in_the_registry(uncached, monkeypatch):
    winreg = SimpleNamespace(
        KEY_READ=1,
        KEY_WOW64_64KEY=256,
        HKEY_LOCAL_MACHINE=5,
        OpenKey=lambda *place: {(5, r"SOFTWARE\Microsoft\Cryptography", 0, 257): OpenKey()}[place],
        QueryValueEx=lambda opened, name: ({"MachineGuid": NUMBER}[name], 1),
    )
    monkeypatch.setitem(sys.modules, "winreg", winreg)
    monkeypatch.setattr(machine, "sys", SimpleNamespace(platform="win32"))
    monkeypatch.setattr(machine.platform, "node", lambda: "one")
    assert machine.machine_id() == CONTAINER_ID
    monkeypatch.setitem(sys.modules, "winreg", None)
    machine.machine_id.cache_clear()
    assert machine.machine_id() == ""
    assert machine.is_this_machine("one", "any")


def test_the_id_is_the_same_in_every_version(linux):
    assert linux(NUMBER) == linux(f" {NUMBER}\n") == MACHINE_ID
    assert linux(NUMBER, "pid:[7]", "one") == CONTAINER_ID


def test_the_first_file_with_an_id_is_used(linux, tmp_path, monkeypatch):
    linux(NUMBER)
    (tmp_path / "blank").write_text(" \n")
    (tmp_path / "not-ascii").write_bytes(b"\xff")
    (tmp_path / "second").write_text("other")
    names = ("missing", "blank", "not-ascii", "machine-id", "second")
    monkeypatch.setattr(machine, "MACHINE_ID_FILES", tuple(str(tmp_path / name) for name in names))
    machine.machine_id.cache_clear()
    assert machine.machine_id() == MACHINE_ID


def test_a_linux_without_namespaces_is_not_a_container(linux, tmp_path):
    linux(NUMBER)
    (tmp_path / "pid").unlink()
    machine.machine_id.cache_clear()
    assert machine.machine_id() == MACHINE_ID


def test_a_machine_is_known_by_its_id_whatever_its_host_name(linux):
    assert linux(NUMBER, name="studio") == MACHINE_ID
    assert machine.is_this_machine("another", MACHINE_ID)
    assert not machine.is_this_machine("studio", "0" * 16)


def test_the_id_is_read_once(linux, tmp_path):
    linux(NUMBER)
    (tmp_path / "machine-id").write_text("other")
    assert machine.machine_id() == MACHINE_ID


@pytest.mark.parametrize(("code", "expected"), [(0, MACHINE_ID), (-1, "")])
def test_macos_has_its_id_in_a_library_function(uncached, monkeypatch, code, expected):
    def gethostuuid(uuid, timeout):
        assert list(timeout) == [1, 0]  # at most a second
        uuid[:] = bytes.fromhex(NUMBER)
        return code

    monkeypatch.setattr(ctypes, "CDLL", lambda name: {None: SimpleNamespace(gethostuuid=gethostuuid)}[name])
    monkeypatch.setattr(machine, "sys", SimpleNamespace(platform="darwin"))
    assert machine.machine_id() == expected


class OpenKey:
    """An open registry key, a context manager."""

    def __enter__(self) -> object:
        return self

    def __exit__(self, *error: object) -> None:
        return None


@pytest.mark.skipif(sys.platform != "linux", reason="reads Linux's ID of a start")
def test_a_kernel_has_one_id_in_all_its_containers_until_it_starts_again(linux, tmp_path, monkeypatch):
    (tmp_path / "boot_id").write_text("4f0e8a3c\n")
    monkeypatch.setattr(machine, "LINUX_BOOT_ID", str(tmp_path / "boot_id"))
    ids = []
    for number, namespace, name in (("1", machine.INITIAL_NAMESPACE, "a"), ("2", "pid:[5]", "b")):
        linux(number, namespace, name)
        machine.kernel_id.cache_clear()
        ids.append(machine.kernel_id())
    (tmp_path / "boot_id").write_text("5f0e8a3c\n")
    machine.kernel_id.cache_clear()
    assert ids[0] == ids[1] != machine.kernel_id()
    machine.kernel_id.cache_clear()
