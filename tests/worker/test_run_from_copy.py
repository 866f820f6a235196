# SPDX-License-Identifier: GPL-3.0-or-later
"""The worker of an installed package: once it has started, it no longer depends on the package's folder."""

import shutil
import sys
import time
from pathlib import Path

import pytest

import blender_text3d
from blender_text3d.client import worker_process
from blender_text3d.client.session import Session
from blender_text3d.protocol.events import Finished
from blender_text3d.protocol.request import make_requests

GIVE_UP_S = 600.0
SMALL = {"seed": 1, "steps": 2, "grid": 16, "quality": "draft"}


pytestmark = pytest.mark.slow


@pytest.fixture
def installed(tmp_path, monkeypatch) -> Path:
    """Return the folder of the package as Blender installs it, with the client in it."""
    package = tmp_path / "extensions" / "blender_text3d"
    shutil.copytree(Path(blender_text3d.__file__).parent, package, ignore=shutil.ignore_patterns("__pycache__"))
    (package / worker_process.INSTALLED_MARKER).touch()
    monkeypatch.setattr(worker_process, "PACKAGE", package)
    return package


@pytest.fixture
def session(installed, tmp_path):
    session = Session(tmp_path / "jobs", Path(sys.executable))
    session.worker.variables["BLENDER_TEXT3D_HOME"] = str(tmp_path / "home")
    yield session
    session.worker.kill()


def run_job(session: Session) -> list:
    """Submit one small job, and return its events once it has ended."""
    (job,) = session.submit(make_requests("a red chair", **SMALL))
    wait_until(lambda: (session.poll(), not session.jobs)[1])
    return job.events()


def wait_until(holds) -> None:
    give_up = time.monotonic() + GIVE_UP_S
    while not holds():
        assert time.monotonic() < give_up, "it did not happen in time"
        time.sleep(0.01)


def test_an_object_is_made_although_the_package_is_removed_during_the_start(session, installed, tmp_path):
    session.submit(make_requests("a red chair", **SMALL))
    wait_until(lambda: list((tmp_path / "home").glob("worker-code/[!.]*/blender_text3d")))
    shutil.rmtree(installed)
    assert isinstance(run_job(session)[-1], Finished)
    assert not installed.exists()


def test_nothing_is_written_into_the_installed_package(session, installed, tmp_path):
    assert isinstance(run_job(session)[-1], Finished)
    assert not list(installed.rglob("__pycache__"))
    assert list((tmp_path / "home").rglob("worker/__pycache__/loop.*.pyc"))


def test_if_no_copy_can_be_created_the_worker_runs_in_place_and_writes_no_bytecode(session, installed, tmp_path):
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "worker-code").touch()
    assert isinstance(run_job(session)[-1], Finished)
    assert not list(installed.rglob("__pycache__"))
    assert "which cannot be copied" in session.worker.log.read_text()
