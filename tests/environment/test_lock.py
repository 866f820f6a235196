# SPDX-License-Identifier: GPL-3.0-or-later
"""One process at a time uses an environment, and others can check for it."""

import contextlib
import errno
import os
import subprocess
import sys

import pytest

from blender_text3d.environment import lock
from blender_text3d.environment.errors import SetupFailed
from blender_text3d.environment.lock import hold_lock, is_locked, lock_path
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
