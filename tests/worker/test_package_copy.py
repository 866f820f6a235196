# SPDX-License-Identifier: GPL-3.0-or-later
"""Copies of a package: one for each state, whole whatever happens meanwhile, and few."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from blender_text3d.worker import package_copy
from blender_text3d.worker.package_copy import ChangedDuringCopy, ensure_copy

FILES = [f"{folder}/{name}.py" for folder in "abcdef" for name in "pqrstuvwxyz"]

# Puts one version after another in a package's place, as Blender's extension installer does.
REPLACES = """
import shutil, sys
from pathlib import Path
folder, versions, files = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
for version in range(versions):
    for name in files:
        file = folder / "new" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(str(version))
    (folder / "package").rename(folder / "old")
    shutil.rmtree(folder / "old")
    (folder / "new").rename(folder / "package")
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


def test_a_copy_holds_all_but_bytecode_and_is_made_once(package, copies):
    parent = ensure_copy(package, copies)
    assert parent.parent == copies and files_in(parent / "package") == sorted(FILES)
    made = (parent / "package" / FILES[0]).stat().st_ino
    (parent / "package" / "a" / "__pycache__").mkdir()
    assert ensure_copy(package, copies) == parent
    assert (parent / "package" / FILES[0]).stat().st_ino == made and len(list(copies.iterdir())) == 1


def test_a_package_with_one_file_changed_is_copied_anew_and_the_older_copy_stays(package, copies):
    older = ensure_copy(package, copies)
    (package / FILES[5]).write_text("-2")
    newer = ensure_copy(package, copies)
    assert (newer / "package" / FILES[5]).read_text() == "-2" and (older / "package" / FILES[5]).read_text() == "-1"


@pytest.mark.parametrize("is_cut", [True, False])
def test_a_copy_that_is_not_whole_is_made_again(package, copies, is_cut):
    parent = ensure_copy(package, copies)
    damaged = parent / "package" / FILES[7]
    damaged.write_text("") if is_cut else damaged.unlink()
    assert ensure_copy(package, copies) == parent and damaged.read_text() == "-1"


def test_while_versions_replace_each_other_each_copy_is_of_one_version(package, copies, tmp_path):
    replacing = subprocess.Popen([sys.executable, "-S", "-c", REPLACES, str(tmp_path), "40", *FILES])
    seen = set()
    while replacing.poll() is None:
        parent = ensure_copy(package, copies)
        versions = {(parent / "package" / name).read_text() for name in FILES}
        assert len(versions) == 1 and files_in(parent / "package") == sorted(FILES)
        seen |= versions
    assert replacing.returncode == 0 and len(seen) > 1


def test_a_copy_that_was_made_while_the_package_changed_is_not_taken(package, copies, monkeypatch):
    copytree = shutil.copytree

    def too_early(source, target, **options):
        monkeypatch.setattr(shutil, "copytree", copytree)
        copytree(source, target, **options)
        (package / FILES[0]).write_text("-2")

    monkeypatch.setattr(shutil, "copytree", too_early)
    parent = ensure_copy(package, copies)
    assert (parent / "package" / FILES[0]).read_text() == "-2" and [parent] == list(copies.iterdir())


def test_several_workers_at_once_share_one_copy(package, copies):
    code = "import sys, pathlib; from blender_text3d.worker.package_copy import ensure_copy; "
    code += "print(ensure_copy(*map(pathlib.Path, sys.argv[1:])))"
    command = [sys.executable, "-c", code, str(package), str(copies)]
    workers = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(6)]
    told = {worker.communicate(timeout=60)[0].strip() for worker in workers}
    assert told == {str(path) for path in copies.iterdir()} and len(told) == 1
    assert files_in(Path(*told) / "package") == sorted(FILES)


def test_the_newest_few_and_those_of_the_last_day_stay(package, copies):
    long_ago = time.time() - 2 * package_copy.MIN_AGE_S
    for age in range(5):
        (copies / f"old-{age}").mkdir(parents=True)
        os.utime(copies / f"old-{age}", (long_ago - age, long_ago - age))
    (copies / "of-today").mkdir()
    newest = ensure_copy(package, copies)
    assert {path.name for path in copies.iterdir()} == {newest.name, "of-today", "old-0"}


def test_where_no_copy_can_be_made_it_says_so_at_once(package, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(OSError):
        ensure_copy(package, tmp_path / "file" / "copies")


def test_a_package_that_is_gone_is_waited_for_but_not_for_ever(package, copies, monkeypatch):
    monkeypatch.setattr(package_copy, "MAX_WAIT_S", 0.5)
    shutil.rmtree(package)
    with pytest.raises(ChangedDuringCopy, match="missing or incomplete"):
        ensure_copy(package, copies)
