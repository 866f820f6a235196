# SPDX-License-Identifier: GPL-3.0-or-later
"""The scripts are reloaded, or a newer zip is installed over this one, while a job runs: nothing is lost, no error.

What a user presses for the first, bpy.ops.script.reload, only sets a timer that calls what is called here; timers do
not fire without a window.
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
NEWER = "99.0.0"
HANG_S = 180.0


def part(name: str):
    """A module of the add-on as it is now: an upgrade brings new ones."""
    return import_module(f"{MODULE}.{name}")


def install(path: str) -> None:
    bpy.ops.extensions.package_install_files(filepath=path, repo="user_default", enable_on_install=True)


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """The add-on from the zip, with a data folder of its own; gone afterwards."""
    monkeypatch.setenv("BLENDER_TEXT3D_HOME", str(tmp_path / "data"))
    install(ZIP)
    bpy.ops.wm.read_homefile(app_template="", use_empty=True)
    yield
    session = part("addon.state.session_state").state.session
    if session:
        session.worker.kill()
    repositories = list(bpy.context.preferences.extensions.repos)
    index = next(place for place, repo in enumerate(repositories) if repo.module == "user_default")
    bpy.ops.extensions.package_uninstall(repo_index=index, pkg_id="blender_text3d")


def newer_zip(folder: Path, without: str) -> str:
    """The same zip with a higher version, and perhaps one module fewer."""
    path = folder / "newer.zip"
    with zipfile.ZipFile(ZIP) as old, zipfile.ZipFile(path, "w") as new:
        for name in old.namelist():
            lines = old.read(name).splitlines(keepends=True)
            if name == "blender_manifest.toml":
                lines = [b'version = "%s"\n' % NEWER.encode() if b"version = " in line[:10] else line for line in lines]
            if name != without:
                new.writestr(name, b"".join(lines))
    return str(path)


def reload_scripts(*_: object) -> None:
    bpy.utils.load_scripts(reload_scripts=True)


def upgrade(folder: Path, without: str = "") -> None:
    old = part("addon.state.session_state")
    install(newer_zip(folder, without))
    repository = next(repo for repo in bpy.context.preferences.extensions.repos if repo.module == "user_default")
    manifest = Path(repository.directory) / "blender_text3d" / "blender_manifest.toml"
    assert f'version = "{NEWER}"' in manifest.read_text()
    assert part("addon.state.session_state") is not old


def begin(count: int) -> list:
    """Jobs on their way, as Generate begins them where there is a window."""
    settings = bpy.context.scene.text3d
    settings.prompt, settings.device, settings.count = "a red chair", "cpu", count
    settings.has_own_sampling, settings.steps, settings.grid = True, 24, 48
    return part("addon.jobs.submit").generate(bpy.context.scene)


def drive(until) -> None:
    """Tick as the timer of a window does."""
    give_up = time.monotonic() + HANG_S
    while not until():
        assert time.monotonic() < give_up, "it did not happen in time"
        part("addon.jobs.poll_timer").on_timer()
        time.sleep(0.02)


def ids(folders) -> set[str]:
    return {folder.job_id for folder in folders}


@pytest.mark.parametrize("act", [reload_scripts, upgrade])
def test_while_the_worker_wakes_each_job_is_made_or_waits(installed, tmp_path, capfd, act):
    jobs = begin(count=2)
    act(tmp_path)
    made, waiting = what_is_left()
    assert made | waiting == ids(job.folder for job in jobs) and not made & waiting
    assert "Traceback" not in "".join(capfd.readouterr())


@pytest.mark.parametrize("act", [reload_scripts, lambda folder: upgrade(folder, without="worker/export.py")])
def test_the_job_at_work_is_made_with_what_its_worker_knew_and_the_next_one_waits(installed, tmp_path, capfd, act):
    first, second = begin(count=2)
    drive(lambda: first.stage == "sample" and first.index > 2)
    act(tmp_path)
    assert what_is_left() == (ids([first.folder]), ids([second.folder]))
    assert bpy.ops.text3d.import_job() == {"FINISHED"}
    assert [item["text3d_job_id"] for item in bpy.context.scene.objects] == [first.folder.job_id]
    assert "Traceback" not in "".join(capfd.readouterr())


def what_is_left() -> tuple[set[str], set[str]]:
    """Ids of what is offered as made, and of what waits to be resumed, once no worker is at work any more."""
    state = part("addon.state.session_state").state
    assert not state.jobs and bpy.context.scene.text3d.prompt == "a red chair"
    part("addon.handlers").scan_jobs()
    drive(lambda: not part("addon.jobs.poll_timer").has_work())
    assert state.problem is None
    return ids(state.ready), ids(state.unclaimed)
