# SPDX-License-Identifier: GPL-3.0-or-later
"""ObjectStore: exactly once, whoever finishes first."""

import os
import shutil
import time

import pytest

from blender_text3d.batch import failures
from blender_text3d.batch.object_store import ObjectStore
from blender_text3d.system.file_lock import FileLock
from blender_text3d.system.machine import kernel_id


@pytest.fixture
def store(tmp_path):
    return ObjectStore(tmp_path / "out")


def attempt(folder, content, name="abc"):
    path = folder / content
    path.mkdir()
    (path / f"{name}.json").write_text(content)
    return path


def test_the_second_finisher_gives_way(store):
    with store.work_folder() as work:
        assert store.publish(attempt(work, "first"), "abc")
        second = attempt(work, "second")
        assert not store.publish(second, "abc")
        assert not second.exists()
    assert (store.folder_of("abc") / "abc.json").read_text() == "first"


def test_a_folder_without_facts_is_no_object_and_is_replaced(store):
    store.folder_of("abc").mkdir()
    (store.folder_of("abc") / "abc.glb").write_text("half")
    assert not store.has("abc")
    with store.work_folder() as work:
        assert store.publish(attempt(work, "whole"), "abc")
    assert store.has("abc")
    assert not (store.folder_of("abc") / "abc.glb").exists()


def test_the_work_of_a_running_process_is_kept(store):
    with store.work_folder() as first:
        (first / "unfinished").touch()
        with ObjectStore(store.out).work_folder():
            assert (first / "unfinished").exists()
    assert not first.exists()


@pytest.mark.parametrize(("name", "days", "is_kept"), [("other", 0, True), ("other", 2, False), ("own", 0, False)])
def test_work_of_another_machine_is_kept_for_a_day_because_its_lock_may_be_invisible(store, name, days, is_kept):
    folder = store.out / ".work" / f"{kernel_id() if name == 'own' else '0' * 16}-1-abc"
    folder.mkdir()
    (folder / "in-use").touch()
    then = time.time() - days * 24 * 3600
    os.utime(folder, (then, then))
    with store.work_folder():
        assert folder.exists() == is_kept


@pytest.mark.parametrize(("minutes", "is_kept"), [(0, True), (9, True), (11, False)])
def test_work_without_a_lock_is_removed_once_its_process_has_surely_been_killed(store, minutes, is_kept):
    folder = store.out / ".work" / "0-1-abc"
    folder.mkdir()
    then = time.time() - minutes * 60
    os.utime(folder, (then, then))
    with store.work_folder():
        assert folder.exists() == is_kept


@pytest.mark.skipif(os.name == "nt", reason="folders with open files cannot be renamed")
def test_a_worker_that_outlives_its_process_by_a_moment_leaves_nothing_behind(store, monkeypatch):
    job = store.out / ".work" / f"{kernel_id()}-1-abc" / "jobs" / "job"
    job.mkdir(parents=True)
    (job.parents[1] / "in-use").touch()
    remove = shutil.rmtree

    def remove_while_a_worker_writes(folder, **options):
        with pytest.raises(FileNotFoundError):
            (job / "preview.webp").touch()
        remove(folder, **options)

    monkeypatch.setattr(shutil, "rmtree", remove_while_a_worker_writes)
    with store.work_folder():
        assert [folder.name for folder in job.parents[2].iterdir() if "-1-abc" in folder.name] == []


@pytest.mark.parametrize("ahead_s", [-(10**7), 10**7])
def test_a_wrong_clock_removes_no_work(store, monkeypatch, ahead_s):
    real = time.time
    monkeypatch.setattr(time, "time", lambda: real() + ahead_s)
    folder = store.out / ".work" / f"{'0' * 16}-1-abc"
    folder.mkdir()
    (folder / "in-use").touch()
    with store.work_folder():
        assert folder.exists()


def test_without_locks_work_is_done_and_none_is_removed(store, monkeypatch):
    def no_locks(*_):
        raise OSError(95, "not supported")

    monkeypatch.setattr(FileLock, "try_acquire", no_locks)
    with store.work_folder() as first, store.work_folder() as second:
        assert first.exists()
        assert store.publish(attempt(second, "first"), "abc")
        store.failures.record({"id": "def"})
    assert store.has("abc")


def test_broken_lines_of_failures_are_left_out(store):
    store.failures.record({"id": "abc", "reason": "no"})
    with store.failures.path.open("ab") as file:
        file.write(b'[1]\n"x"\n\xff\n{"id": "abc", "rea')
    assert store.failures.counts() == {"abc": 1}
    store.failures.record({"id": "def"})
    assert store.failures.counts() == {"abc": 1, "def": 1}


def test_failures_of_another_machine_may_be_recorded_while_some_are_cleared(store, monkeypatch):
    store.failures.record({"id": "abc"})
    real = failures.replace_content
    monkeypatch.setattr(failures, "replace_content", lambda *values: (held.append(is_locked(store)), real(*values)))
    held = []
    store.failures.record({"id": "def"})
    store.failures.clear("abc")
    assert held == [True]
    assert store.failures.counts() == {"def": 1}


def is_locked(store):
    with FileLock(store.out / ".work" / "failures") as lock:
        return not lock.try_acquire()
