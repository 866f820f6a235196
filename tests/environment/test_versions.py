# SPDX-License-Identifier: GPL-3.0-or-later
"""The versions of an environment: which is in use, and which are removed."""

import os
import subprocess
import sys

import pytest

from blender_text3d.environment import versions
from blender_text3d.environment.check import find_problems
from blender_text3d.environment.manifest import Manifest, write_manifest
from blender_text3d.environment.paths import venv_python, worker_python
from blender_text3d.environment.versions import disk_bytes, remove_other_versions, unused_folder_name


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
    assert unused_folder_name(env_dir, Manifest("ready", "", "", "2")) == "1"


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
        worker.communicate(b"\n", timeout=30)
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
