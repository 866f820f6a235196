# SPDX-License-Identifier: GPL-3.0-or-later
"""Neighboring extensions named like real modules: the add-on's programs import the real modules instead."""

import json
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

import blender_text3d
from blender_text3d.client import worker_process
from blender_text3d.doctor.checks import sample_job
from blender_text3d.doctor.context import default_context
from blender_text3d.environment import smoke_test
from blender_text3d.environment.offline import kit
from blender_text3d.protocol.create_job import create_job
from blender_text3d.protocol.request import make_requests
from blender_text3d.system.run_logged import Log
from blender_text3d.system.run_module import python_options

NAMES = ("json", "numpy", "torch", "runpy", "re", "rerun", "scipy", "argparse", "hashlib", "site", "sitecustomize")
SMALL = {"seed": 1, "steps": 2, "grid": 16, "quality": "draft"}


@pytest.fixture
def package(tmp_path, monkeypatch) -> Path:
    """The package next to extensions of these names, each of which leaves a trace when it is imported."""
    package = tmp_path / "extensions" / "blender_text3d"
    shutil.copytree(Path(blender_text3d.__file__).parent, package, ignore=shutil.ignore_patterns("__pycache__"))
    for name in NAMES:
        folder = package.with_name(name)
        folder.mkdir()
        (folder / "__init__.py").write_text(f"open({str(tmp_path / 'trace')!r}, 'a').write({name!r}); 1 / 0\n")
    for module in (worker_process, smoke_test, sample_job, kit):
        monkeypatch.setattr(module, "PACKAGE", package)
    monkeypatch.setenv("BLENDER_TEXT3D_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("PYTHONPATH", raising=False)
    return package


@pytest.fixture
def no_trace(tmp_path):
    yield
    assert not (tmp_path / "trace").exists(), (tmp_path / "trace").read_text()


@pytest.mark.usefixtures("no_trace")
@pytest.mark.parametrize("is_installed", [True, False])
def test_the_worker_generates_an_object(package, tmp_path, is_installed):
    if is_installed:
        (package / worker_process.INSTALLED_MARKER).touch()
    job = create_job(tmp_path / "jobs", make_requests("a red chair", **SMALL)[0])
    done = subprocess.run(
        [sys.executable, *worker_process.worker_options()], input=json.dumps({"do": [str(job.path)]}) + "\n", text=True,
        cwd=package.parent, capture_output=True, timeout=120,
    )  # fmt: skip
    assert job.mesh.exists(), done.stderr
    assert (tmp_path / "home" / "worker-code").is_dir() == is_installed


@pytest.mark.usefixtures("package", "no_trace")
def test_the_smoke_test_and_the_sample_job_generate_one(monkeypatch):
    assert smoke_test._generate_small_object(Path(sys.executable), Log()).device
    case = replace(default_context(), is_full=True, own_python=Path(sys.executable))
    (found,) = sample_job.sample_job(case)
    assert "faces in" in found.found


@pytest.mark.usefixtures("no_trace")
def test_a_kits_weights_are_imported(package, tmp_path, monkeypatch):
    monkeypatch.setattr(kit, "worker_python", lambda env_dir: sys.executable)
    (tmp_path / "kit").mkdir()
    kit.import_weights(tmp_path / "home" / "env", tmp_path / "kit", lambda message, share: None)


def test_arguments_follow_the_module(package):
    command = [sys.executable, *python_options(package, "engine.weights"), "where"]
    done = subprocess.run(command, cwd=package.parent, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()
