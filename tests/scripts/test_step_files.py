# SPDX-License-Identifier: GPL-3.0-or-later
"""--steps-out and --step of scripts/generate.py, with the real worker and the scripted engine."""

import numpy as np
import pytest
import trimesh

from blender_text3d.engine.shap_e.saved_steps import save_steps
from blender_text3d.exports.export_steps import export_steps
from blender_text3d.geometry import Mesh, PointCloud
from blender_text3d.geometry.step_geometry import save_step_geometry
from blender_text3d.protocol.job_folder import JobFolder
from scripts import generate
from tests.worker.scripted_engine import TETRAHEDRON
from tests.worker.scripted_python import scripted_python


@pytest.fixture
def run(tmp_path, capsys):
    """A function that runs the script's main and returns (exit code, stdout, stderr)."""
    options = ["--python", str(scripted_python(tmp_path)), "--jobs-dir", str(tmp_path / "jobs")]

    def main(*arguments: str) -> tuple[int, str, str]:
        code = generate.main([*arguments, *options])
        return code, *capsys.readouterr()

    return main


def jobs_in(tmp_path):
    return [JobFolder(path) for path in sorted((tmp_path / "jobs").glob("2*"))]


def test_every_step_of_a_new_object_is_saved_as_glb_and_the_job_that_decoded_them_is_gone(run, tmp_path):
    out = tmp_path / "steps"
    code, printed, err = run(
        "a red chair", "--seed", "7", "--steps", "3", "--keep-steps", "never", "--steps-out", str(out)
    )
    assert code == 0, err
    assert [path.name for path in sorted((out / "a-red-chair-7").iterdir())] == [f"step_0{n}.glb" for n in (1, 2, 3)]
    (job,) = jobs_in(tmp_path)
    assert job.steps.exists()
    assert printed.splitlines()[0] == str(job.path)


def test_the_steps_of_an_earlier_job_are_saved_without_another_object(run, tmp_path):
    save_steps(tmp_path / "steps.npz", np.zeros((3, 8), np.float16))
    chosen = ("--latent", str(tmp_path / "steps.npz"), "--steps-out", str(tmp_path / "out"), "--steps", "3")
    code, _, err = run("a red chair", "--seed", "7", *chosen)
    assert (code, jobs_in(tmp_path)) == (0, []), err
    assert len(list((tmp_path / "out/a-red-chair-7").iterdir())) == 3


def test_a_second_run_takes_a_folder_of_its_own(run, tmp_path):
    for _ in range(2):
        run("a red chair", "--seed", "7", "--steps", "2", "--steps-out", str(tmp_path / "out"))
    assert len(list((tmp_path / "out").iterdir())) == 2


def test_a_model_without_steps_is_refused_before_anything_starts(run, tmp_path):
    code, _, err = run("a red chair", "--model", "reference/shap-e-text", "--steps-out", str(tmp_path / "out"))
    assert (code, jobs_in(tmp_path)) == (2, [])
    assert "Shap-E (Reference) does not show its steps. Leave out --steps-out" in err


def test_the_step_is_stored_in_the_request(run, tmp_path):
    run("a red chair", "--step", "5")
    assert [job.read_request().step for job in jobs_in(tmp_path)] == [5]


def test_all_steps_stand_where_the_last_one_does_and_empty_ones_have_no_file(tmp_path):
    small = Mesh(TETRAHEDRON.vertices / 2, TETRAHEDRON.faces, TETRAHEDRON.colors)
    empty = Mesh(small.vertices[:0], small.faces[:0], small.colors[:0])
    save_step_geometry(tmp_path / "step_meshes.npz", [empty, small, TETRAHEDRON])
    export_steps(tmp_path / "step_meshes.npz", tmp_path / "out", "a red chair", {"seed": 7}, 2.0, 0)
    files = {path.name: trimesh.load(path, force="mesh") for path in (tmp_path / "out").iterdir()}
    assert sorted(files) == ["step_02.glb", "step_03.glb"]
    assert files["step_03.glb"].extents.max() == pytest.approx(2.0, abs=1e-3)
    assert files["step_02.glb"].extents.max() == pytest.approx(1.0, abs=1e-3)


def test_clouds_are_saved_as_points(tmp_path):
    save_step_geometry(tmp_path / "steps.npz", [PointCloud(TETRAHEDRON.vertices, TETRAHEDRON.colors)])
    export_steps(tmp_path / "steps.npz", tmp_path / "out", "a red chair", {}, 1.0, 90)
    (cloud,) = trimesh.load(tmp_path / "out/step_01.glb").geometry.values()
    assert isinstance(cloud, trimesh.PointCloud)


def test_steps_in_which_nothing_formed_are_refused(tmp_path):
    empty = Mesh(TETRAHEDRON.vertices[:0], TETRAHEDRON.faces[:0], TETRAHEDRON.colors[:0])
    save_step_geometry(tmp_path / "step_meshes.npz", [empty])
    with pytest.raises(ValueError, match="nothing has formed"):
        export_steps(tmp_path / "step_meshes.npz", tmp_path / "out", "a red chair", {}, 1.0, 0)
