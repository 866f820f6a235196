# SPDX-License-Identifier: GPL-3.0-or-later
"""Copies of a package: one for each version, always complete, and few."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from blender_text3d.worker import package_copy
from blender_text3d.worker.package_copy import ChangedDuringCopy, ensure_copy

FILES = [f"{folder}/{name}.py" for folder in "abcdef" for name in "pqrstuvwxyz"]

# Replaces a package by one version after another, as Blender's extension installer does.
REPLACES = """
import itertools, random, shutil, sys, time
from pathlib import Path
folder, files = Path(sys.argv[1]), sys.argv[2:]
for version in itertools.count():
    for name in files:
        file = folder / "new" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(str(version))
    (folder / "package").rename(folder / "old")
    shutil.rmtree(folder / "old")
    (folder / "new").rename(folder / "package")
    time.sleep(random.uniform(0, 0.05))
"""


@pytest.fixture
def package(tmp_path) -> Path:
    package = tmp_path / "package"
    for name in FILES:
        (package / name).parent.mkdir(parents=True, exist_ok=True)
        (package / name).write_text("-1")
    (package / "a" / "__pycache__").mkdir()
    (package / "a" / "__pycache__" / "p.pyc").touch()
    return package


@pytest.fixture
def copies(tmp_path) -> Path:
    return tmp_path / "deep" / "copies"


def files_in(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_a_copy_contains_all_but_bytecode_and_is_created_once(package, copies):
    parent = ensure_copy(package, copies)
    assert parent.parent == copies
    assert files_in(parent / "package") == sorted(FILES)
    made = (parent / "package" / FILES[0]).stat().st_ino
    (parent / "package" / "a" / "__pycache__").mkdir()
    assert ensure_copy(package, copies) == parent
    assert (parent / "package" / FILES[0]).stat().st_ino == made
    assert len(list(copies.iterdir())) == 1


def test_a_package_with_one_changed_file_is_copied_again_and_the_older_copy_is_kept(package, copies):
    older = ensure_copy(package, copies)
    (package / FILES[5]).write_text("-2")
    newer = ensure_copy(package, copies)
    assert (newer / "package" / FILES[5]).read_text() == "-2"
    assert (older / "package" / FILES[5]).read_text() == "-1"


@pytest.mark.parametrize("is_cut", [True, False])
def test_an_incomplete_copy_is_created_again(package, copies, is_cut):
    parent = ensure_copy(package, copies)
    damaged = parent / "package" / FILES[7]
    damaged.write_text("") if is_cut else damaged.unlink()
    assert ensure_copy(package, copies) == parent
    assert damaged.read_text() == "-1"


def test_while_the_package_is_replaced_each_copy_is_of_one_version(package, copies, tmp_path, monkeypatch):
    monkeypatch.setattr(package_copy, "MAX_WAIT_S", 600.0)
    with subprocess.Popen([sys.executable, "-S", "-c", REPLACES, str(tmp_path), *FILES]) as replacing:
        try:
            seen: set[str] = set()
            while len(seen) < 3:
                parent = ensure_copy(package, copies)
                versions = {(parent / "package" / name).read_text() for name in FILES}
                assert len(versions) == 1
                assert files_in(parent / "package") == sorted(FILES)
                seen |= versions
            assert replacing.poll() is None
        finally:
            replacing.kill()


def test_a_copy_created_while_the_package_changed_is_not_used(package, copies, monkeypatch):
    copytree = shutil.copytree

    def too_early(source, target, **options):
        monkeypatch.setattr(shutil, "copytree", copytree)
        copytree(source, target, **options)
        (package / FILES[0]).write_text("-2")

    monkeypatch.setattr(shutil, "copytree", too_early)
    parent = ensure_copy(package, copies)
    assert (parent / "package" / FILES[0]).read_text() == "-2"
    assert [parent] == list(copies.iterdir())


def test_several_workers_at_once_share_one_copy(package, copies):
    code = "import sys, pathlib; from blender_text3d.worker.package_copy import ensure_copy; "
    code += "print(ensure_copy(*map(pathlib.Path, sys.argv[1:])))"
    command = [sys.executable, "-c", code, str(package), str(copies)]
    workers = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(6)]
    printed = {worker.communicate(timeout=600)[0].strip() for worker in workers}
    assert printed == {str(path) for path in copies.iterdir()}
    assert len(printed) == 1
    assert files_in(Path(*printed) / "package") == sorted(FILES)


def test_the_newest_copies_and_those_of_the_last_day_are_kept(package, copies):
    long_ago = time.time() - 2 * package_copy.MIN_AGE_S
    for age in range(5):
        (copies / f"old-{age}").mkdir(parents=True)
        os.utime(copies / f"old-{age}", (long_ago - age, long_ago - age))
    (copies / "of-today").mkdir()
    newest = ensure_copy(package, copies)
    assert {path.name for path in copies.iterdir()} == {newest.name, "of-today", "old-0"}


def test_if_no_copy_can_be_created_an_error_is_raised_at_once(package, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(NotADirectoryError):
        ensure_copy(package, tmp_path / "file" / "copies")


def test_the_wait_for_a_missing_package_has_a_limit(package, copies, monkeypatch):
    monkeypatch.setattr(package_copy, "MAX_WAIT_S", 0.5)
    shutil.rmtree(package)
    with pytest.raises(ChangedDuringCopy, match="missing or incomplete"):
        ensure_copy(package, copies)


@pytest.fixture
def clock(monkeypatch):
    """A clock that only sleeping advances."""
    clock = SimpleNamespace(now=50.0, sleeps=[])

    def sleep(seconds):
        clock.sleeps.append(seconds)
        clock.now += seconds

    faked = SimpleNamespace(monotonic=lambda: clock.now, sleep=sleep, time=time.time)
    monkeypatch.setattr(package_copy, "time", faked)
    return clock


def test_a_missing_package_is_waited_for_twenty_seconds(package, copies, clock):
    shutil.rmtree(package)
    with pytest.raises(ChangedDuringCopy, match=f"^{package} is missing or incomplete$"):
        ensure_copy(package, copies)
    assert set(clock.sleeps) == {0.2}
    assert clock.now == pytest.approx(70.0, abs=0.5)


def test_an_error_with_an_unchanged_package_is_raised_after_one_pause(package, tmp_path, clock):
    (tmp_path / "file").touch()
    with pytest.raises(NotADirectoryError):
        ensure_copy(package, tmp_path / "file" / "copies")
    assert clock.sleeps == [0.2]


def change_time(package):
    os.utime(package / FILES[0], (1, 1))


def change_name(package):
    (package / FILES[0]).rename(package / "a" / "new.py")


def change_size(package):
    status = (package / FILES[0]).stat()
    (package / FILES[0]).write_text("longer")
    os.utime(package / FILES[0], ns=(status.st_atime_ns, status.st_mtime_ns))


@pytest.mark.parametrize("change", [change_time, change_name, change_size])
def test_another_time_name_or_size_of_one_file_is_another_version(package, copies, change):
    before = ensure_copy(package, copies)
    assert len(before.name) == 8
    change(package)
    assert ensure_copy(package, copies) != before


def test_a_copy_that_is_used_again_becomes_the_newest(package, copies):
    parent = ensure_copy(package, copies)
    os.utime(parent, (1, 1))
    ensure_copy(package, copies)
    assert time.time() - parent.stat().st_mtime < 3600


@pytest.mark.parametrize(("age_s", "is_kept"), [(24 * 3600 - 60, True), (24 * 3600 + 60, False)])
def test_beyond_three_copies_those_of_more_than_a_day_are_removed(package, copies, age_s, is_kept):
    for name, age in {"one": 10, "two": 20, "three": age_s}.items():
        (copies / name).mkdir(parents=True)
        os.utime(copies / name, (time.time() - age,) * 2)
    ensure_copy(package, copies)
    assert (copies / "one").exists()
    assert (copies / "two").exists()
    assert (copies / "three").exists() is is_kept


def test_a_faster_workers_complete_copy_is_kept_and_an_incomplete_one_replaced(package, copies, monkeypatch):
    parent = ensure_copy(package, copies)
    (parent / "package" / FILES[3]).unlink()
    made = (parent / "package" / FILES[0]).stat().st_ino
    assert ensure_copy(package, copies) == parent
    assert files_in(parent / "package") == sorted(FILES)
    assert (parent / "package" / FILES[0]).stat().st_ino != made
    assert [path.name for path in copies.iterdir()] == [parent.name]
