# SPDX-License-Identifier: GPL-3.0-or-later
import subprocess
import sys
from pathlib import Path

import bpy
import numpy as np
import pytest

from blender_text3d.scene.names import JOB_ID
from blender_text3d.scene.placement import rotated
from blender_text3d.scene.recipe import recipe_of
from tests.blender.conftest import scripted_python
from tests.blender.scene.test_import import points_of

SCRIPT = Path(__file__).parents[2] / "scripts" / "batch_generate.py"


@pytest.fixture
def batch(tmp_path):
    """Runs the script on these lines in a Python with bpy; gives what it did."""

    def run(*lines, options=()):
        (tmp_path / "prompts.txt").write_text("\n".join(lines), encoding="utf-8")
        files = ["--prompts-file", tmp_path / "prompts.txt", "--out", tmp_path / "out", "--format", "blend"]
        worker = ["--worker-python", scripted_python(tmp_path), "--jobs-dir", tmp_path / "jobs", "--seed", "3"]
        command = [sys.executable, SCRIPT, "--", *files, *worker, "--result", "both", *options]
        return subprocess.run(command, capture_output=True, text=True, encoding="utf-8")

    return run


def opened(folder):
    """The only mesh of the only Blender file there."""
    (path,) = folder.glob("*.blend")
    bpy.ops.wm.open_mainfile(filepath=str(path))
    return bpy.data.objects["a red chair"]


def test_a_blender_file_holds_the_object_with_its_recipe_and_nothing_else(batch, tmp_path):
    done = batch("a red chair")
    assert "1 complete, 0 failed" in done.stdout, done.stderr
    (path,) = (tmp_path / "out").glob("*.blend")
    bpy.ops.wm.open_mainfile(filepath=str(path))
    mesh = bpy.data.objects["a red chair"]
    assert [made[JOB_ID] for made in bpy.data.objects] == [mesh[JOB_ID]] * 2, "the mesh and its cloud"
    assert len(mesh.data.vertices) == 4
    assert (recipe_of(mesh)["prompt"], recipe_of(mesh)["seed"]) == ("a red chair", 3)
    assert (tmp_path / "jobs" / mesh[JOB_ID]).is_dir()


def test_geometry_that_cannot_be_read_fails_alone(batch, tmp_path):
    done = batch("a broken file", "a red chair")
    assert "1 complete, 1 failed" in done.stdout
    assert done.returncode != 0
    assert [path.name.startswith("a-red-chair-3-") for path in (tmp_path / "out").glob("*.blend")] == [True]


def test_a_blender_file_holds_the_object_turned_and_with_as_many_faces_as_asked(batch, tmp_path):
    batch("a red chair")
    straight = points_of(opened(tmp_path / "out"))
    next((tmp_path / "out").glob("*.blend")).unlink()
    done = batch("a red chair", options=["--turn", "90", "--most-faces", "2"])
    assert "1 complete, 0 failed" in done.stdout, done.stderr
    mesh = opened(tmp_path / "out")
    np.testing.assert_array_equal(points_of(mesh), rotated(straight, 90))
    assert [kind.type for kind in mesh.modifiers] == ["DECIMATE"]
    assert recipe_of(mesh)["turn_deg"] == 90
