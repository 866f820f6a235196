# SPDX-License-Identifier: GPL-3.0-or-later
"""File locks: exclusive, released with the file, and distinct from file systems without locks."""

import errno
import sys

import pytest

from blender_text3d.system import file_lock
from blender_text3d.system.file_lock import FileLock


def test_a_lock_is_exclusive_until_its_file_is_closed(tmp_path):
    with FileLock(tmp_path / "lock") as first, FileLock(tmp_path / "lock") as second:
        assert first.try_acquire()
        assert not second.try_acquire()
        first.file.close()
        assert second.try_acquire()


def test_the_lock_file_is_kept(tmp_path):
    with FileLock(tmp_path / "lock") as lock:
        lock.try_acquire()
    assert (tmp_path / "lock").exists()


def test_with_a_timeout_a_released_lock_is_acquired(tmp_path, monkeypatch):
    with FileLock(tmp_path / "lock") as first, FileLock(tmp_path / "lock") as second:
        first.try_acquire()
        monkeypatch.setattr(file_lock.time, "sleep", lambda seconds: first.file.close())
        assert second.try_acquire(timeout_s=60)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows locks with msvcrt")
def test_a_file_system_without_locks_raises(tmp_path, monkeypatch):
    def no_locks(*_):
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(file_lock.fcntl, "flock", no_locks)
    with FileLock(tmp_path / "lock") as lock, pytest.raises(OSError, match="No locks available"):
        lock.try_acquire()
