# SPDX-License-Identifier: GPL-3.0-or-later
"""One process at a time uses an environment, and others can check for it."""

import contextlib
import errno
import os
import subprocess
import sys
from types import SimpleNamespace

import pytest

from blender_text3d.environment import lock
from blender_text3d.environment.errors import SetupFailed
from blender_text3d.environment.lock import hold_lock, is_locked, lock_path, require_lock
from blender_text3d.system import file_lock

CHECK = "import sys; from pathlib import Path; from blender_text3d.environment.lock import is_locked; " \
      "print(is_locked(Path(sys.argv[1])))"  # fmt: skip


def test_another_process_sees_the_lock_while_it_is_held(tmp_path):
    def asked() -> str:
        command = [sys.executable, "-c", CHECK, str(tmp_path / "env")]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

    assert asked() == "False"
    assert not lock_path(tmp_path / "env").exists()
    with hold_lock(tmp_path / "env"):
        assert asked() == "True"
        assert lock_path(tmp_path / "env").read_text() == f"{os.getpid()}\n"
    assert asked() == "False"


def test_checking_takes_no_lock_from_a_process_that_starts(tmp_path, monkeypatch):
    with hold_lock(tmp_path / "env"):
        pass
    monkeypatch.setattr(lock, "try_lock", lambda *words, **more: pytest.fail("the lock was tried"))
    assert not is_locked(tmp_path / "env")


def test_a_killed_process_holds_no_lock(tmp_path):
    lock_path(tmp_path / "env").write_text("123\n")
    assert not is_locked(tmp_path / "env")
    with hold_lock(tmp_path / "env") as is_alone:
        assert is_alone


def test_a_lock_released_in_time_is_acquired(tmp_path, monkeypatch):
    with contextlib.ExitStack() as first:
        first.enter_context(hold_lock(tmp_path / "env"))
        with hold_lock(tmp_path / "env") as is_alone:
            assert not is_alone
        monkeypatch.setattr(file_lock.time, "sleep", lambda seconds: first.close())
        with hold_lock(tmp_path / "env", timeout_s=60) as is_alone:
            assert is_alone


@pytest.mark.skipif(sys.platform == "win32", reason="locks are another module's there")
def test_a_disk_without_locks_is_reported(tmp_path, monkeypatch):
    def no_locks(*_):
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(file_lock.fcntl, "flock", no_locks)
    expected = pytest.raises(SetupFailed, match="cannot lock files .No locks available.*Choose a data folder")
    with expected, hold_lock(tmp_path / "env", timeout_s=60):
        pass
    assert not is_locked(tmp_path / "env")


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="root may write everywhere")
def test_an_unwritable_lock_can_be_checked(tmp_path):
    with hold_lock(tmp_path / "env"):
        lock_path(tmp_path / "env").chmod(0o400)
        tmp_path.chmod(0o500)
        assert is_locked(tmp_path / "env")
    tmp_path.chmod(0o700)


def test_the_lock_file_lies_next_to_the_environment_and_is_kept_empty(tmp_path):
    assert lock_path(tmp_path / "py3.11") == tmp_path / "py3.11.lock"
    lock_path(tmp_path / "env").write_text("12345678901234567890\n")
    with hold_lock(tmp_path / "env"):
        assert lock_path(tmp_path / "env").read_text() == f"{os.getpid()}\n"
    assert lock_path(tmp_path / "env").read_bytes() == b""
    assert not (tmp_path / "env").exists()


def test_a_lock_is_released_after_an_error(tmp_path):
    with pytest.raises(ZeroDivisionError), hold_lock(tmp_path / "env"):
        raise ZeroDivisionError
    assert lock_path(tmp_path / "env").read_bytes() == b""
    with hold_lock(tmp_path / "env") as is_alone:
        assert is_alone


def test_a_lock_that_is_held_is_not_waited_for_and_stays_as_it_is(tmp_path, monkeypatch):
    monkeypatch.setattr(file_lock.time, "sleep", lambda seconds: pytest.fail("it waited"))
    with hold_lock(tmp_path / "env"):
        with hold_lock(tmp_path / "env") as is_alone:
            assert is_alone is False
        assert lock_path(tmp_path / "env").read_text() == f"{os.getpid()}\n"
        assert is_locked(tmp_path / "env")


def test_a_required_lock_is_waited_for_before_it_is_refused(tmp_path, monkeypatch):
    assert lock.RETRY_FOR_S == 10.0
    monkeypatch.setattr(lock, "RETRY_FOR_S", 0.3)
    slept = []
    monkeypatch.setattr(file_lock, "time", SimpleNamespace(monotonic=lambda: sum(slept), sleep=slept.append))
    with hold_lock(tmp_path / "env"), pytest.raises(SetupFailed) as caught, require_lock(tmp_path / "env"):
        pytest.fail("it was taken")
    assert str(caught.value) == f"Another process is using the environment {tmp_path / 'env'}. Wait until it is done."
    assert sum(slept) == pytest.approx(0.3, abs=0.11)
    with require_lock(tmp_path / "env"):
        assert is_locked(tmp_path / "env")
    assert not is_locked(tmp_path / "env")


def test_a_full_disk_does_not_prevent_the_lock_that_a_removal_needs(tmp_path, monkeypatch):
    class Full(file_lock.FileLock):
        def __init__(self, path):
            super().__init__(path)
            real = self.file
            self.file = SimpleNamespace(fileno=real.fileno, close=real.close, truncate=real.truncate, write=self.write)

        def write(self, text):
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(lock, "FileLock", Full)
    with hold_lock(tmp_path / "env") as is_alone:
        assert is_alone


@pytest.mark.skipif(sys.platform == "win32", reason="locks are another module's there")
def test_the_disk_of_a_lock_that_cannot_be_used_is_named(tmp_path, monkeypatch):
    def no_locks(*_):
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(file_lock.fcntl, "flock", no_locks)
    with pytest.raises(SetupFailed) as caught, require_lock(tmp_path / "env"):
        pytest.fail("it was taken")
    assert caught.value.problem.message == (
        f"The disk of {tmp_path} cannot lock files (No locks available), so two setups could collide."
    )
    assert caught.value.problem.fix == "Choose a data folder on another disk in the add-on's preferences."
