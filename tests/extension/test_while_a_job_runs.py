# SPDX-License-Identifier: GPL-3.0-or-later
"""Reload Scripts, or the installation of a newer zip, while a job runs: no job is lost and no error is raised.

The operator bpy.ops.script.reload only sets a timer that makes the call below; timers do not fire without a window.
"""

import os
import time
import zipfile
from importlib import import_module
from pathlib import Path

import bpy
import pytest

ZIP = os.environ["TEXT3D_ZIP"]
MODULE = "bl_ext.user_default.blender_text3d"
NEWER_VERSION = "99.0.0"
HANG_S = 180.0


def addon_module(name: str):
    """Return a current module of the add-on; an upgrade replaces them."""
    return import_module(f"{MODULE}.{name}")


def install(path: str) -> None:
    bpy.ops.extensions.package_install_files(filepath=path, repo="user_default", enable_on_install=True)


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """The add-on installed from the zip, with a separate data folder; removed afterwards."""
    monkeypatch.setenv("BLENDER_TEXT3D_HOME", str(tmp_path / "data"))
    install(ZIP)
    bpy.ops.wm.read_homefile(app_template="", use_empty=True)
    yield
    session = addon_module("addon.state.session_state").state.session
    if session:
        session.worker.kill()
    repositories = list(bpy.context.preferences.extensions.repos)
    index = next(number for number, repo in enumerate(repositories) if repo.module == "user_default")
    bpy.ops.extensions.package_uninstall(repo_index=index, pkg_id="blender_text3d")


def newer_zip(folder: Path, without: str) -> str:
    """Write the same zip with a higher version, optionally without one module."""
    path = folder / "newer.zip"
    with zipfile.ZipFile(ZIP) as old, zipfile.ZipFile(path, "w") as new:
        for name in old.namelist():
            lines = old.read(name).splitlines(keepends=True)
            if name == "blender_manifest.toml":
                lines = [
                    b'version = "%s"\n' % NEWER_VERSION.encode() if b"version = " in line[:10] else line
                    for line in lines
                ]
            if name != without:
                new.writestr(name, b"".join(lines))
    return str(path)


def reload_scripts(*_: object) -> None:
    bpy.utils.load_scripts(reload_scripts=True)


def upgrade(folder: Path, without: str = "") -> None:
    old = addon_module("addon.state.session_state")
    install(newer_zip(folder, without))
    repository = next(repo for repo in bpy.context.preferences.extensions.repos if repo.module == "user_default")
    manifest = Path(repository.directory) / "blender_text3d" / "blender_manifest.toml"
    assert f'version = "{NEWER_VERSION}"' in manifest.read_text()
    assert addon_module("addon.state.session_state") is not old


def start(count: int) -> list:
    """Start jobs like Generate in a window, and return them."""
    settings = bpy.context.scene.text3d
    settings.prompt, settings.device, settings.count = "a red chair", "cpu", count
    settings.has_own_sampling, settings.steps, settings.grid = True, 24, 48
    return addon_module("addon.jobs.submit").generate(bpy.context.scene)


def drive(until) -> None:
    """Tick like the timer of a window until a condition holds."""
    deadline = time.monotonic() + HANG_S
    while not until():
        assert time.monotonic() < deadline, "timed out"
        addon_module("addon.jobs.poll_timer").on_timer()
        time.sleep(0.02)


def ids(folders) -> set[str]:
    return {folder.job_id for folder in folders}


@pytest.mark.parametrize("act", [reload_scripts, upgrade])
def test_while_the_worker_starts_each_job_is_finished_or_queued(installed, tmp_path, capfd, act):
    jobs = start(count=2)
    act(tmp_path)
    finished, queued = remaining_jobs()
    assert finished | queued == ids(job.folder for job in jobs)
    assert not finished & queued
    assert "Traceback" not in "".join(capfd.readouterr())


@pytest.mark.parametrize("act", [reload_scripts, lambda folder: upgrade(folder, without="worker/export.py")])
def test_the_running_job_finishes_with_the_old_modules_and_the_next_one_stays_queued(installed, tmp_path, capfd, act):
    first, second = start(count=2)
    drive(lambda: first.stage == "sample" and first.index > 2)
    act(tmp_path)
    assert remaining_jobs() == (ids([first.folder]), ids([second.folder]))
    assert bpy.ops.text3d.import_job() == {"FINISHED"}
    assert [item["text3d_job_id"] for item in bpy.context.scene.objects] == [first.folder.job_id]
    assert "Traceback" not in "".join(capfd.readouterr())


def remaining_jobs() -> tuple[set[str], set[str]]:
    """Return the IDs of (finished jobs offered for import, queued jobs to resume) once no worker is running."""
    state = addon_module("addon.state.session_state").state
    assert not state.jobs
    assert bpy.context.scene.text3d.prompt == "a red chair"
    addon_module("addon.handlers").scan_jobs()
    drive(lambda: not addon_module("addon.jobs.poll_timer").has_work())
    assert state.problem is None
    return ids(state.ready), ids(state.unclaimed)
