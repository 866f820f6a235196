# SPDX-License-Identifier: GPL-3.0-or-later
"""A wedge of the panel with the real model, and its list run by a batch: the same bytes.

The steps are so many that each object runs alone; those of a batch differ by rounding.
"""

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

SCRIPT = Path(__file__).parents[2] / "scripts" / "batch_generate.py"


def meshes(jobs_dir):
    """Prompt and steps of each job → its mesh."""
    jobs = [JobFolder(path) for path in jobs_dir.iterdir() if (path / "mesh.npz").is_file()]
    asked = {job: job.read_request() for job in jobs}
    return {(asked[job].prompt, asked[job].steps): load_geometry(job.mesh) for job in jobs}


@pytest.mark.slow
def test_the_list_of_a_wedge_gives_the_same_bytes_in_a_batch(tmp_path, monkeypatch):
    python = os.environ["TEXT3D_WORKER_PYTHON"]
    monkeypatch.setenv("BLENDER_TEXT3D_HOME", str(tmp_path / "panel"))
    bpy.ops.wm.read_homefile(app_template="", use_empty=True)
    blender_text3d.register()
    settings = bpy.context.scene.text3d
    settings.prompt, settings.quality = "a red chair", "draft"
    axes = {"rows": "COLOR", "row_values": "green", "columns": "STEPS", "column_values": "8, 9"}
    try:
        assert bpy.ops.text3d.wedge(**axes) == {"FINISHED"}
    finally:
        blender_text3d.unregister()
    (path,) = (tmp_path / "panel" / "wedges").iterdir()
    files = ["--prompts-file", path, "--out", tmp_path / "out", "--jobs-dir", tmp_path / "batch"]
    command = [sys.executable, SCRIPT, *files, "--format", "glb", "--worker-python", python]
    done = subprocess.run(command, capture_output=True, text=True, env=os.environ | {"PYTHONPATH": ""})
    assert done.returncode == 0, done.stderr
    ours, theirs = meshes(tmp_path / "panel" / "jobs"), meshes(tmp_path / "batch")
    assert ours.keys() == theirs.keys()
    assert len(ours) == 2
    for cell, mesh in ours.items():
        np.testing.assert_array_equal(mesh.vertices, theirs[cell].vertices)
        np.testing.assert_array_equal(mesh.colors, theirs[cell].colors)
    assert not np.array_equal(ours["a green chair", 8].vertices, ours["a green chair", 9].vertices)
