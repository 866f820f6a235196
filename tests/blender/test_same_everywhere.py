# SPDX-License-Identifier: GPL-3.0-or-later
"""One recipe with the real model from the panel, the command line and a batch: the same geometry."""

import os
import subprocess
import sys
from pathlib import Path

import bpy
import numpy as np
import pytest

import blender_text3d
from blender_text3d.geometry import load_geometry
from blender_text3d.protocol.job_folder import JobFolder

REAL_WORKER_PYTHON = os.environ["TEXT3D_WORKER_PYTHON"]
SCRIPTS = Path(__file__).parents[2] / "scripts"
PROMPT, SEED = "a tall blue lamp", 11


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("interfaces")


@pytest.fixture(scope="module")
def by_panel(folder):
    """The mesh of the job that the panel's operator ran."""
    before = dict(os.environ)
    os.environ |= {"BLENDER_TEXT3D_HOME": str(folder / "panel"), "TEXT3D_WORKER_PYTHON": REAL_WORKER_PYTHON}
    bpy.ops.wm.read_homefile(app_template="", use_empty=True)
    blender_text3d.register()
    settings = bpy.context.scene.text3d
    settings.prompt, settings.quality, settings.has_random_seed, settings.seed = PROMPT, "draft", False, SEED
    assert bpy.ops.text3d.generate() == {"FINISHED"}
    job = JobFolder(folder / "panel" / "jobs" / bpy.context.scene.objects[0]["text3d_job_id"])
    blender_text3d.unregister()
    os.environ.clear()
    os.environ.update(before)
    return load_geometry(job.mesh)


def run(script, *arguments, jobs):
    command = [
        sys.executable,
        SCRIPTS / script,
        *arguments,
        "--quality",
        "draft",
        "--seed",
        str(SEED),
        "--jobs-dir",
        jobs,
    ]
    done = subprocess.run(command, capture_output=True, text=True, env=os.environ | {"PYTHONPATH": ""})
    assert done.returncode == 0, done.stderr
    (job,) = [path for path in jobs.iterdir() if (path / "mesh.npz").is_file()]
    return load_geometry(JobFolder(job).mesh)


@pytest.fixture(scope="module")
def by_terminal(folder):
    return run("generate.py", PROMPT, "--python", REAL_WORKER_PYTHON, jobs=folder / "terminal")


@pytest.fixture(scope="module")
def by_batch(folder):
    (folder / "prompts.txt").write_text(PROMPT, encoding="utf-8")
    files = ["--prompts-file", folder / "prompts.txt", "--out", folder / "out", "--format", "blend,glb,ply"]
    return run("batch_generate.py", *files, "--worker-python", REAL_WORKER_PYTHON, jobs=folder / "batch")


@pytest.mark.parametrize("interface", ["by_terminal", "by_batch"])
@pytest.mark.parametrize("array", ["vertices", "faces", "colors"])
def test_other_interfaces_give_the_panels_geometry(by_panel, interface, array, request):
    expected = getattr(by_panel, array)
    assert len(expected) > 100
    np.testing.assert_array_equal(expected, getattr(request.getfixturevalue(interface), array))


def test_the_batch_writes_a_file_of_every_format(by_batch, folder):
    assert {path.suffix for path in (folder / "out").iterdir()} >= {".blend", ".glb", ".ply", ".json"}
