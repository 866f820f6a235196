# SPDX-License-Identifier: GPL-3.0-or-later
"""What is checked about an environment's folder before anything is downloaded."""

import os
import shutil
from types import SimpleNamespace

import pytest

from blender_text3d.environment import target_folder
from blender_text3d.environment.errors import Problem, SetupFailed
from blender_text3d.environment.manifest import Manifest, write_manifest
from blender_text3d.environment.target_folder import (
    MAX_PATH_LENGTH_ON_WINDOWS,
    contains_other_files,
    prepare_target_folder,
    require_free_space,
)

PREFERENCES = "Choose another folder in the add-on's preferences."


def problem_of(function, *arguments) -> Problem:
    with pytest.raises(SetupFailed) as caught:
        function(*arguments)
    return caught.value.problem


def test_the_parent_folders_are_created_but_not_the_folder_and_nothing_is_left_in_them(tmp_path):
    prepare_target_folder(tmp_path / "a" / "b" / "env")
    assert (tmp_path / "a" / "b").is_dir()
    assert list((tmp_path / "a" / "b").iterdir()) == []
    prepare_target_folder(tmp_path / "a" / "b" / "env")


def test_an_environments_own_folder_is_accepted_whatever_else_is_in_it(tmp_path):
    env_dir = tmp_path / "env"
    env_dir.mkdir()
    assert not contains_other_files(env_dir)
    (env_dir / "thesis.txt").touch()
    assert contains_other_files(env_dir)
    write_manifest(env_dir, Manifest("making", "", ""))
    assert not contains_other_files(env_dir)
    prepare_target_folder(env_dir)


def test_a_missing_folder_and_a_file_contain_no_other_files(tmp_path):
    (tmp_path / "file").touch()
    assert not contains_other_files(tmp_path / "file")
    assert not contains_other_files(tmp_path / "nowhere")


def test_a_file_or_a_folder_with_other_files_is_refused_before_its_parent_is_touched(tmp_path, monkeypatch):
    monkeypatch.setattr(target_folder.tempfile, "TemporaryFile", lambda **_: pytest.fail("the parent was written"))
    (tmp_path / "file").write_text("mine")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.txt").touch()
    for name in ("file", "full"):
        assert problem_of(prepare_target_folder, tmp_path / name) == Problem(
            f"{tmp_path / name} contains other files, which were not changed.", "Choose an empty or new folder."
        )
    assert (tmp_path / "file").read_text() == "mine"


def test_a_parent_that_cannot_be_created_or_written_is_named(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    found = problem_of(prepare_target_folder, tmp_path / "file" / "env")
    assert found == Problem(f"The folder {tmp_path / 'file'} cannot be written: File exists.", PREFERENCES)

    def refuse(dir):
        assert dir == tmp_path
        raise OSError("no more handles")

    monkeypatch.setattr(target_folder.tempfile, "TemporaryFile", refuse)
    found = problem_of(prepare_target_folder, tmp_path / "env")
    assert found == Problem(f"The folder {tmp_path} cannot be written: no more handles.", PREFERENCES)


@pytest.mark.parametrize("longer", [0, 1])
def test_only_windows_limits_the_path_and_the_limit_itself_is_allowed(longer, tmp_path, monkeypatch):
    monkeypatch.setattr(target_folder, "MAX_PATH_LENGTH_ON_WINDOWS", len(str(tmp_path / "env")))
    env_dir = tmp_path / ("env" + "x" * longer)
    prepare_target_folder(env_dir)
    monkeypatch.setattr(os, "name", "nt")
    if not longer:
        prepare_target_folder(env_dir)
        return
    limit = target_folder.MAX_PATH_LENGTH_ON_WINDOWS
    found = problem_of(prepare_target_folder, env_dir)
    assert found == Problem(
        f"The path {env_dir} is too long for Windows.", f"Choose a path of at most {limit} characters."
    )


def test_pytorchs_deepest_file_fits_into_the_limit_of_windows():
    assert MAX_PATH_LENGTH_ON_WINDOWS == 86


def test_exactly_the_needed_space_is_enough(tmp_path, monkeypatch):
    asked, disk = [], SimpleNamespace(free=4_000_000_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: asked.append(folder) or disk)
    require_free_space(tmp_path, 4.0)
    assert asked == [tmp_path]
    assert problem_of(require_free_space, tmp_path, 4.6) == Problem(
        f"The environment needs about 5 GB, but {tmp_path} has 4.0 GB free.",
        "Free some space, or choose another folder in the add-on's preferences.",
    )
