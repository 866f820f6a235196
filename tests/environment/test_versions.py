# SPDX-License-Identifier: GPL-3.0-or-later
"""The versions of an environment: which is in use, and which are removed."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from blender_text3d.environment import versions
from blender_text3d.environment.check import find_problems
from blender_text3d.environment.manifest import Manifest, write_manifest
from blender_text3d.environment.paths import venv_python, worker_python
from blender_text3d.environment.versions import (
    disk_bytes,
    is_environment_entry,
    remove_other_versions,
    unused_folder_name,
)


@pytest.fixture
def env_dir(tmp_path):
    env_dir = tmp_path / "env"
    for folder in ("", "1", "2"):
        python = venv_python(env_dir / folder)
        python.parent.mkdir(parents=True)
        python.symlink_to(sys.executable)
    (env_dir / "uv").mkdir()
    (env_dir / "pyvenv.cfg").touch()
    return env_dir


def test_an_environment_of_the_first_versions_is_found(env_dir, tiny):
    write_manifest(env_dir, Manifest("ready", tiny.sha256, "x"))
    assert worker_python(env_dir) == venv_python(env_dir)
    assert find_problems(env_dir, tiny) == []
    write_manifest(env_dir, Manifest("ready", tiny.sha256, "x", "2"))
    assert worker_python(env_dir) == venv_python(env_dir / "2")


def test_other_versions_are_removed_and_manifest_and_installer_kept(env_dir, tiny):
    write_manifest(env_dir, Manifest("ready", tiny.sha256, "x", "2"))
    remove_other_versions(env_dir, "2")
    assert sorted(path.name for path in env_dir.iterdir()) == ["2", "blender_text3d-env.json", "uv"]
    assert unused_folder_name(env_dir) == "1"


@pytest.mark.skipif(sys.platform == "win32", reason="uses a link to this Python as the worker")
@pytest.mark.parametrize("folder", ["", "1"])
@pytest.mark.parametrize("has_ps", [True, False])
def test_a_version_in_use_is_kept_until_the_next_call(env_dir, folder, has_ps, monkeypatch):
    if has_ps:
        monkeypatch.setattr(versions, "PROC", env_dir / "nowhere")
    elif sys.platform == "linux":
        monkeypatch.setenv("PATH", "")
    command = [venv_python(env_dir / folder), "-S", "-c", "print(flush=True); input()"]
    worker = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        worker.stdout.readline()  # Linux tells a program's command line a moment after its start only
        remove_other_versions(env_dir, "2")
        assert venv_python(env_dir / folder).exists()
    finally:
        worker.communicate(b"\n", timeout=600)
    remove_other_versions(env_dir, "2")
    assert not venv_python(env_dir / folder).exists()
    assert venv_python(env_dir / "2").exists()


def test_disk_usage_is_the_sum_of_the_files_without_links(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "file").write_bytes(bytes(1000))
    os.symlink("/", tmp_path / "in" / "everything")
    assert 1000 <= disk_bytes(tmp_path / "in") <= 1100
    os.link(tmp_path / "in" / "file", tmp_path / "in" / "the same file")
    assert 1000 <= disk_bytes(tmp_path / "in") <= 1100


def test_a_new_version_gets_the_lowest_unused_number(tmp_path):
    assert unused_folder_name(tmp_path) == "1"
    (tmp_path / "1").mkdir()
    (tmp_path / "3").touch()
    assert unused_folder_name(tmp_path) == "2"
    (tmp_path / "2").mkdir()
    assert unused_folder_name(tmp_path) == "4"


@pytest.mark.parametrize(
    "name",
    ["1", "9999", "bin", "Scripts", "Lib", "lib64", "include", "share", "etc", "pyvenv.cfg", ".gitignore", "uv",
     "uv-cache", "blender_text3d-env.json", "blender_text3d-env.tmp"],
)  # fmt: skip
def test_a_name_that_the_add_on_uses_is_an_environments(name):
    assert is_environment_entry(Path("/env") / name)


@pytest.mark.parametrize("name", ["thesis.txt", "1a", "-1", "", "binary", "uv2", "env.json", "UV", "my.gitignore"])
def test_any_other_name_is_not_an_environments(name):
    assert not is_environment_entry(Path("/env") / name)


def test_all_versions_are_removed_for_no_name_and_other_files_are_kept(env_dir):
    (env_dir / "uv-cache").mkdir()
    (env_dir / "thesis").mkdir()
    (env_dir / "4").touch()
    (env_dir / "5").symlink_to(env_dir / "thesis", target_is_directory=True)
    remove_other_versions(env_dir, "")
    assert sorted(path.name for path in env_dir.iterdir()) == ["thesis", "uv", "uv-cache"]


def test_only_the_cache_of_downloads_is_removed_and_may_be_missing(env_dir):
    (env_dir / "uv-cache" / "wheels").mkdir(parents=True)
    versions.remove_cache(env_dir)
    versions.remove_cache(env_dir)
    assert sorted(path.name for path in env_dir.iterdir()) == ["1", "2", "bin", "pyvenv.cfg", "uv"]


@pytest.fixture
def processes(tmp_path, monkeypatch):
    """A function that replaces the processes of this machine."""

    def processes(*command_lines: bytes):
        shutil.rmtree(tmp_path / "proc", ignore_errors=True)
        for number, line in enumerate((b"init", *command_lines), 1):
            folder = tmp_path / "proc" / str(number)
            folder.mkdir(parents=True)
            (folder / "cmdline").write_bytes(line)
        (tmp_path / "proc" / "8").mkdir()
        (tmp_path / "proc" / "8" / "cmdline").mkdir()  # a process that has exited in the meantime
        (tmp_path / "proc" / "self").symlink_to("1")
        (tmp_path / "proc" / "sys").mkdir()
        (tmp_path / "proc" / "sys" / "cmdline").write_bytes(line)
        monkeypatch.setattr(versions, "PROC", tmp_path / "proc")

    return processes


@pytest.mark.skipif(sys.platform == "win32", reason="programs are found in another way")
def test_an_environment_is_in_use_if_a_program_was_started_with_any_of_its_pythons(env_dir, processes):
    processes(b"/usr/bin/python3\0-m\0worker")
    assert not versions.is_in_use(env_dir)
    for folder in ("", "1", "2"):
        processes(os.fsencode(venv_python(env_dir / folder)) + b"\0-m\0worker\0")
        assert versions.is_in_use(env_dir), folder
    processes(b"/usr/bin/vim\0" + os.fsencode(venv_python(env_dir / "1")))
    assert not versions.is_in_use(env_dir)
    processes(os.fsencode(venv_python(env_dir / "1")))
    venv_python(env_dir / "1").unlink()
    assert not versions.is_in_use(env_dir)


@pytest.mark.skipif(sys.platform == "win32", reason="programs are found in another way")
def test_a_used_version_of_a_number_is_kept_while_the_others_are_removed(env_dir, processes):
    processes(os.fsencode(venv_python(env_dir / "1")) + b"\0worker")
    remove_other_versions(env_dir, "2")
    assert sorted(path.name for path in env_dir.iterdir()) == ["1", "2", "uv"]


@pytest.mark.skipif(sys.platform == "win32", reason="programs are found in another way")
def test_a_used_environment_of_the_first_versions_is_kept_unless_all_is_removed(env_dir, processes):
    processes(os.fsencode(venv_python(env_dir)) + b"\0worker")
    before = sorted(path.name for path in env_dir.iterdir())
    remove_other_versions(env_dir, "2")
    assert sorted(path.name for path in env_dir.iterdir()) == before
    remove_other_versions(env_dir, "")
    assert [path.name for path in env_dir.iterdir()] == ["uv"]


@pytest.mark.skipif(sys.platform == "win32", reason="the system's own way there")
def test_without_proc_and_ps_no_program_is_known(env_dir, tmp_path, monkeypatch):
    monkeypatch.setattr(versions, "PROC", tmp_path / "nowhere")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert not versions.is_in_use(env_dir)


@pytest.mark.skipif(sys.platform == "win32", reason="the system's own way there")
def test_without_proc_the_whole_lines_of_ps_are_read(env_dir, tmp_path, monkeypatch):
    monkeypatch.setattr(versions, "PROC", tmp_path / "nowhere")
    ps = tmp_path / "ps"
    ps.write_text(
        f'#!/bin/sh\n[ "$*" = "-A -ww -o args=" ] && echo init && echo "{venv_python(env_dir / "2")} -m worker"\n'
    )
    ps.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert versions.is_in_use(env_dir)


def test_a_program_of_windows_is_running_if_it_cannot_be_opened_for_writing(env_dir, monkeypatch):
    monkeypatch.setattr(os, "name", "nt")
    python = venv_python(env_dir / "1")
    python.parent.mkdir(parents=True)
    python.write_bytes(b"MZ")
    assert not versions.is_in_use(env_dir)
    assert python.read_bytes() == b"MZ"
    python.unlink()
    python.mkdir()  # cannot be opened either
    assert versions.is_in_use(env_dir)


def test_every_file_below_a_folder_counts_with_its_size(tmp_path):
    folder = tmp_path / "in"
    (folder / "deep").mkdir(parents=True)
    (folder / "a").write_bytes(bytes(1000))
    (folder / "deep" / "b").write_bytes(bytes(30))
    (folder / "deep" / "c").write_bytes(bytes(30))
    assert disk_bytes(folder) == 1060
    os.link(folder / "a", folder / "deep" / "a again")
    os.link(folder / "deep" / "b", folder / "b again")
    assert disk_bytes(folder) == 1060
    assert disk_bytes(tmp_path / "nowhere") == 0


def test_a_file_that_is_removed_while_it_is_measured_counts_nothing(tmp_path, monkeypatch):
    (tmp_path / "a").write_bytes(bytes(10))
    (tmp_path / "b").write_bytes(bytes(5))
    real = os.lstat

    def lstat(path, **options):
        if str(path).endswith("a"):
            raise FileNotFoundError(path)
        return real(path, **options)

    monkeypatch.setattr(os, "lstat", lstat)
    assert disk_bytes(tmp_path) == 5
