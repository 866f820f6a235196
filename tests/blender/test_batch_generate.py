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


def test_the_objects_of_a_batch_are_assets_with_preview_tags_and_catalog(batch, tmp_path):
    done = batch("a red chair with a hat", options=["--assets", "Props/Chairs", "--result", "mesh"])
    assert "1 complete, 0 failed" in done.stdout, done.stderr
    assert f"add {tmp_path / 'out'} to the Asset Libraries" in done.stdout
    (path,) = (tmp_path / "out").glob("*.blend")
    with bpy.data.libraries.load(str(path), assets_only=True) as (available, loaded):
        loaded.objects = list(available.objects)
    (made,) = loaded.objects
    data = made.asset_data
    assert {tag.name for tag in data.tags} == {"red", "chair", "hat", "Text3D"}
    assert (data.description, data.author) == ("a red chair with a hat, seed 3, Mini Shap-E", "Mini Shap-E")
    lines = (tmp_path / "out/blender_assets.cats.txt").read_text().splitlines()
    assert f"{data.catalog_id}:Props/Chairs:Props-Chairs" in lines
    pixels = np.array(made.preview.image_pixels_float[:]).reshape(-1, 4)
    assert 0.02 < (pixels[:, 3] > 0.5).mean() < 0.98


def test_every_file_of_a_job_has_one_size_one_foot_and_one_rotation(batch, tmp_path):
    formats = ("glb", "ply", "obj", "stl", "usd")
    options = ["--format", f"blend,{','.join(formats)}", "--size", "2.5", "--rotation", "90", "--result", "mesh"]
    done = batch("a red chair", options=options)
    assert "1 complete, 0 failed" in done.stdout, done.stderr
    expected = box_of(open_only_object(tmp_path / "out"))
    assert np.ptp(expected, axis=0).max() == pytest.approx(2.5)
    assert expected[0][2] == 0
    for name in formats:
        (path,) = (tmp_path / "out").glob(f"*.{name}")
        bpy.ops.wm.read_homefile(app_template="", use_empty=True)
        if name == "glb":
            bpy.ops.import_scene.gltf(filepath=str(path))
        else:
            axes = {"forward_axis": "Y", "up_axis": "Z"} if name in ("ply", "stl") else {}
            getattr(bpy.ops.wm, f"{name}_import")(filepath=str(path), **axes)
        (made,) = [item for item in bpy.data.objects if item.type == "MESH"]
        np.testing.assert_allclose(box_of(made), expected, atol=1e-5, err_msg=name)
        if name == "glb":
            assert (made.name, made.data.name, made.data.materials[0].name) == ("a red chair",) * 3
            assert recipe_of(made)["seed"] == 3


def box_of(made) -> np.ndarray:
    """Return the lowest and the highest corner of an object in world space."""
    bpy.context.view_layer.update()
    matrix = np.array(made.matrix_world)
    points = points_of(made) @ matrix[:3, :3].T + matrix[:3, 3]
    return np.array([points.min(axis=0), points.max(axis=0)])
