# SPDX-License-Identifier: GPL-3.0-or-later
import subprocess
import sys
from pathlib import Path

import bpy
import numpy as np
import pytest

from blender_text3d.geometry.placement import rotated
from blender_text3d.scene.names import JOB_ID
from blender_text3d.scene.recipe import recipe_of
from tests.blender.conftest import scripted_python
from tests.blender.scene.test_import import points_of

SCRIPT = Path(__file__).parents[2] / "scripts" / "batch_generate.py"


@pytest.fixture
def batch(tmp_path):
    """A function that runs the script on these lines in a Python with bpy and returns the process."""

    def run(*lines, options=()):
        (tmp_path / "prompts.txt").write_text("\n".join(lines), encoding="utf-8")
        files = ["--prompts-file", tmp_path / "prompts.txt", "--out", tmp_path / "out", "--format", "blend"]
        worker = ["--worker-python", scripted_python(tmp_path), "--jobs-dir", tmp_path / "jobs", "--seed", "3"]
        command = [sys.executable, SCRIPT, "--", *files, *worker, "--result", "both", *options]
        return subprocess.run(command, capture_output=True, text=True, encoding="utf-8")

    return run


def open_only_object(folder):
    """Open the only Blender file of a folder and return its mesh object."""
    (path,) = folder.glob("*.blend")
    bpy.ops.wm.open_mainfile(filepath=str(path))
    return bpy.data.objects["a red chair"]


def test_a_blender_file_contains_only_the_object_with_its_recipe(batch, tmp_path):
    done = batch("a red chair")
    assert "1 complete, 0 failed" in done.stdout, done.stderr
    (path,) = (tmp_path / "out").glob("*.blend")
    bpy.ops.wm.open_mainfile(filepath=str(path))
    mesh = bpy.data.objects["a red chair"]
    assert [item[JOB_ID] for item in bpy.data.objects] == [mesh[JOB_ID]] * 2, "the mesh and its cloud"
    assert len(mesh.data.vertices) == 4
    assert (recipe_of(mesh)["prompt"], recipe_of(mesh)["seed"]) == ("a red chair", 3)
    assert (tmp_path / "jobs" / mesh[JOB_ID]).is_dir()


def test_unreadable_geometry_fails_only_its_own_prompt(batch, tmp_path):
    done = batch("a broken file", "a red chair")
    assert "1 complete, 1 failed" in done.stdout
    assert done.returncode != 0
    assert [path.name.startswith("a-red-chair-3-") for path in (tmp_path / "out").glob("*.blend")] == [True]


def test_a_blender_file_contains_the_object_rotated_and_decimated(batch, tmp_path):
    batch("a red chair")
    unrotated = points_of(open_only_object(tmp_path / "out"))
    next((tmp_path / "out").glob("*.blend")).unlink()
    done = batch("a red chair", options=["--turn", "90", "--most-faces", "2"])
    assert "1 complete, 0 failed" in done.stdout, done.stderr
    mesh = open_only_object(tmp_path / "out")
    np.testing.assert_array_equal(points_of(mesh), rotated(unrotated, 90))
    assert [kind.type for kind in mesh.modifiers] == ["DECIMATE"]
    assert recipe_of(mesh)["turn_deg"] == 90
