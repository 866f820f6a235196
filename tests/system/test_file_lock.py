# SPDX-License-Identifier: GPL-3.0-or-later
"""File locks: exclusive, released with the file, and distinct from file systems without locks."""

import errno
import os
import sys
from types import SimpleNamespace

import pytest

from blender_text3d.system import file_lock
from blender_text3d.system.file_lock import FileLock, try_lock


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


@pytest.fixture
def clock(monkeypatch):
    """A clock that only sleeping advances; `sleeps` are the seconds of each."""
    clock = SimpleNamespace(now=50.0, sleeps=[])

    def sleep(seconds):
        clock.sleeps.append(seconds)
        clock.now += seconds

    monkeypatch.setattr(file_lock, "time", SimpleNamespace(monotonic=lambda: clock.now, sleep=sleep))
    return clock


def test_a_held_lock_is_given_up_at_once_or_after_its_timeout(tmp_path, clock):
    with FileLock(tmp_path / "lock") as first, FileLock(tmp_path / "lock") as second:
        first.try_acquire()
        assert not second.try_acquire()
        assert clock.sleeps == []
        assert not second.try_acquire(timeout_s=2.0)
        assert set(clock.sleeps) == {0.1}
        assert clock.now == pytest.approx(52.0, abs=0.15)


def test_a_free_lock_is_acquired_without_waiting(tmp_path, clock):
    with FileLock(tmp_path / "lock") as lock:
        assert lock.try_acquire(timeout_s=10)
    assert clock.sleeps == []


def test_the_content_of_a_lock_file_is_kept_and_writes_are_not_buffered(tmp_path):
    (tmp_path / "lock").write_bytes(b"old ")
    with FileLock(tmp_path / "lock") as lock:
        lock.try_acquire()
        lock.file.write(b"new")
        assert (tmp_path / "lock").read_bytes() == b"old new"
    assert lock.file.closed


def test_a_lock_file_in_a_missing_folder_raises(tmp_path):
    with pytest.raises(FileNotFoundError):
        FileLock(tmp_path / "none" / "lock")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no shared locks")
def test_shared_locks_exclude_only_the_exclusive_one(tmp_path):
    files = [(tmp_path / "lock").open("ab") for _ in range(3)]
    first, second, exclusive = (file.fileno() for file in files)
    assert try_lock(first, is_shared=True)
    assert try_lock(second, is_shared=True)
    assert not try_lock(exclusive)
    for file in files[:2]:
        file.close()
    assert try_lock(exclusive)
    files[2].close()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows locks with msvcrt")
@pytest.mark.parametrize("code", [errno.EACCES, errno.EAGAIN, errno.EWOULDBLOCK, errno.EDEADLK])
def test_a_lock_of_another_process_is_held_on_every_system(tmp_path, monkeypatch, code):
    def held(*_):
        raise OSError(code, "held")

    monkeypatch.setattr(file_lock.fcntl, "flock", held)
    with FileLock(tmp_path / "lock") as lock:
        assert lock.try_acquire() is False


def test_windows_locks_one_byte_far_behind_the_content(tmp_path, monkeypatch):
    calls = []

    def locking(descriptor, mode, count):
        calls.append((os.lseek(descriptor, 0, os.SEEK_CUR), mode, count))

    monkeypatch.setattr(file_lock, "sys", SimpleNamespace(platform="win32"))
    monkeypatch.setattr(file_lock, "msvcrt", SimpleNamespace(LK_NBLCK=2, locking=locking), raising=False)
    (tmp_path / "lock").write_bytes(b"content")
    with FileLock(tmp_path / "lock") as lock:
        assert lock.try_acquire()
        assert lock.try_acquire()
    assert calls == [(2**30, 2, 1)] * 2
    assert (tmp_path / "lock").read_bytes() == b"content"
