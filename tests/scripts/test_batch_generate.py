# SPDX-License-Identifier: GPL-3.0-or-later
"""scripts/batch_generate.py without Blender, with the real worker and the scripted engine behind it."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import trimesh

from blender_text3d.client.recovery import queued_event
from blender_text3d.geometry import load_geometry
from blender_text3d.geometry.placement import placement_of
from blender_text3d.protocol.job_folder import JobFolder
from tests.worker.scripted_engine import TETRAHEDRON
from tests.worker.scripted_python import scripted_python

SCRIPTS = Path(__file__).parents[2] / "scripts"


@pytest.fixture
def batch(tmp_path):
    """A function that runs the script on these lines and returns the process."""

    def run(*lines, formats="glb,ply", options=()):
        (tmp_path / "prompts.txt").write_text("\n".join(lines), encoding="utf-8")
        files = ["--prompts-file", tmp_path / "prompts.txt", "--out", tmp_path / "out", "--format", formats]
        worker = ["--worker-python", scripted_python(tmp_path), "--jobs-dir", tmp_path / "jobs"]
        command = [sys.executable, SCRIPTS / "batch_generate.py", *files, *worker, *options]
        return subprocess.run(command, capture_output=True, text=True, encoding="utf-8")

    return run


def names(folder, ending=""):
    return sorted(path.name for path in folder.iterdir() if path.name.endswith(ending))


def jobs_in(tmp_path):
    return [path.parent for path in (tmp_path / "jobs").glob("2*/request.json")]


def test_every_prompt_and_seed_has_one_file_of_each_format(batch, tmp_path):
    done = batch("# furniture", "a red chair", "", "  a blue mug", options=["--count", "2", "--seed", "5"])
    assert done.returncode == 0, done.stderr
    assert "4 complete, 0 failed" in done.stdout
    for ending in (".glb", ".ply"):
        stems = [name.rsplit("-", 1)[0] for name in names(tmp_path / "out", ending)]
        assert stems == ["a-blue-mug-5", "a-blue-mug-6", "a-red-chair-5", "a-red-chair-6"]


def test_no_blender_offers_the_jobs_of_a_batch(batch, tmp_path):
    assert batch("a red chair").returncode == 0
    (job,) = map(JobFolder, jobs_in(tmp_path))
    assert queued_event(job) is not None
    assert not queued_event(job).is_for_blender


def test_the_files_contain_the_generated_object(batch, tmp_path):
    batch("a red chair", formats="ply")
    (name,) = names(tmp_path / "out", ".ply")
    mesh = trimesh.load(tmp_path / "out" / name, process=False)
    np.testing.assert_allclose(mesh.vertices, placement_of(TETRAHEDRON.vertices, 1.0).apply(TETRAHEDRON.vertices))
    np.testing.assert_array_equal(mesh.faces, TETRAHEDRON.faces)


def test_a_second_run_generates_nothing(batch, tmp_path):
    batch("a red chair")
    jobs = jobs_in(tmp_path)
    done = batch("a red chair")
    assert done.returncode == 0
    assert "exists" in done.stdout
    assert jobs_in(tmp_path) == jobs


def test_another_format_is_written_from_the_existing_job(batch, tmp_path):
    batch("a red chair", formats="glb")
    jobs = jobs_in(tmp_path)
    assert batch("a red chair", formats="glb,ply").returncode == 0
    assert [name.rsplit(".")[-1] for name in names(tmp_path / "out") if ".json" not in name] == ["glb", "ply"]
    assert jobs_in(tmp_path) == jobs


def test_a_deleted_file_is_written_again(batch, tmp_path):
    batch("a red chair", formats="glb")
    (name,) = names(tmp_path / "out", ".glb")
    (tmp_path / "out" / name).unlink()
    assert batch("a red chair", formats="glb").returncode == 0
    assert names(tmp_path / "out", ".glb") == [name]


def test_a_failed_prompt_does_not_stop_the_others_and_is_reported(batch, tmp_path):
    done = batch("a red chair", "a crash", "a blue mug", "bad \x07 bell")
    assert done.returncode == 1
    assert "2 complete, 2 failed" in done.stdout
    assert any(line.startswith("a-crash-1-") and "FAILED" in line for line in done.stdout.splitlines())
    assert any(line.startswith("line 4") and "FAILED" in line for line in done.stdout.splitlines())
    assert len(names(tmp_path / "out", ".glb")) == 2


def test_prompts_run_as_one_batch_of_the_given_size(batch, tmp_path):
    done = batch("a red chair", "a crash", "a blue mug", options=["--batch", "3"])
    assert "2 complete, 1 failed" in done.stdout
    journals = [(job / "events.jsonl").read_text() for job in jobs_in(tmp_path)]
    assert ["while 3 objects were made at once" in journal for journal in journals] == [True] * 3


def test_a_failed_prompt_is_retried_by_the_next_run(batch, tmp_path):
    batch("a red chair", "a crash")
    assert "1 complete, 1 failed" in batch("a red chair", "a crash").stdout
    assert len(jobs_in(tmp_path)) == 3


def test_prompts_with_similar_file_names_do_not_overwrite_each_other(batch, tmp_path):
    assert batch("a red chair", "a  red chair!", "a réd chair", formats="glb").returncode == 0
    assert len(names(tmp_path / "out", ".glb")) == 3


def test_the_manifest_maps_each_recipe_to_its_files(batch, tmp_path):
    batch("a red chair", formats="glb", options=["--seed", "9", "--quality", "draft"])
    ((name, entry),) = json.loads((tmp_path / "out" / "manifest.json").read_text()).items()
    assert entry["files"] == {"glb": f"{name}.glb"}
    recipe = entry["recipe"]
    assert (recipe["prompt"], recipe["seed"], recipe["quality"], recipe["steps"]) == ("a red chair", 9, "draft", 5)


def test_the_same_recipe_gives_the_same_geometry_as_generate(batch, tmp_path):
    batch("a red chair", options=["--seed", "9"])
    (job_of_batch,) = jobs_in(tmp_path)
    python = ["--python", scripted_python(tmp_path), "--jobs-dir", tmp_path / "others"]
    command = [sys.executable, SCRIPTS / "generate.py", "a red chair", "--seed", "9", *python]
    subprocess.run(command, check=True, capture_output=True)
    (job_of_generate,) = (tmp_path / "others").glob("2*")
    first, second = (load_geometry(job / "mesh.npz") for job in (job_of_batch, job_of_generate))
    for name in ("vertices", "faces", "colors"):
        np.testing.assert_array_equal(getattr(first, name), getattr(second, name))
    assert (job_of_batch / "latent.npz").read_bytes() == (job_of_generate / "latent.npz").read_bytes()


@pytest.mark.parametrize(
    ("formats", "options", "message"),
    [
        ("glb,fbx", (), "fbx"),
        ("ply,stl", ("--result", "cloud"), "A cloud cannot be written as .stl"),
        ("blend", (), "bpy"),
    ],
)
def test_invalid_options_are_refused_before_a_job_is_created(batch, tmp_path, formats, options, message):
    done = batch("a red chair", formats=formats, options=options)
    assert done.returncode == 2
    assert message in done.stderr
    assert not (tmp_path / "jobs").exists()


def test_the_default_rotation_does_not_change_the_recipe_in_the_manifest(batch, tmp_path):
    batch("a red chair", options=["--seed", "5"])
    (entry,) = json.loads((tmp_path / "out" / "manifest.json").read_text(encoding="utf-8")).values()
    assert not {"turn_deg", "most_faces"} & entry["recipe"].keys()


@pytest.mark.parametrize("option", [("--flat",), ("--most-faces", "500")])
def test_options_for_blender_files_are_refused_for_other_formats(batch, option):
    done = batch("a red chair", options=option)
    assert done.returncode == 2
    assert "only affect .blend" in done.stderr
