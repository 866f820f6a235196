# SPDX-License-Identifier: GPL-3.0-or-later
"""scripts/batch_generate.py without Blender, with the real worker and the scripted engine behind it."""

import json
import shutil
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
from scripts import batch_generate
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
    assert (recipe["prompt"], recipe["seed"], recipe["quality"], recipe["steps"]) == ("a red chair", 9, "draft", 2)


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


def run_with(tmp_path, *options, stdin=""):
    """Run the script without a list in a file; returns the process."""
    worker = ["--worker-python", scripted_python(tmp_path), "--jobs-dir", tmp_path / "jobs"]
    command = [sys.executable, SCRIPTS / "batch_generate.py", "--out", tmp_path / "out", *worker, *options]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", input=stdin)


def test_a_list_comes_from_standard_input(tmp_path):
    done = run_with(tmp_path, "--prompts-file", "-", stdin="a red chair\n")
    assert (done.returncode, len(names(tmp_path / "out", ".glb"))) == (0, 1)


def test_a_spreadsheet_gives_each_line_its_own_settings(tmp_path):
    (tmp_path / "list.csv").write_text("prompt,seed,size,color,count\na chair,7,0.25,red,1\na mug,,,,2\nx,bad,,,\n")
    done = run_with(tmp_path, "--prompts-file", tmp_path / "list.csv", "--size", "3", "--seed", "5")
    assert done.returncode == 1
    assert any(line.startswith("line 4") and "FAILED The seed is 'bad'" in line for line in done.stdout.splitlines())
    recipes = [entry["recipe"] for entry in json.loads((tmp_path / "out/manifest.json").read_text()).values()]
    made = {(recipe["prompt"], recipe["seed"], recipe["size_m"]) for recipe in recipes}
    assert made == {("a red chair", 7, 0.25), ("a mug", 5, 3.0), ("a mug", 6, 3.0)}
    for path in (tmp_path / "out").glob("*.glb"):
        size = 0.25 if "chair" in path.name else 3.0
        bounds = trimesh.load(path, process=False).bounds
        assert np.ptp(bounds, axis=0).max() == pytest.approx(size, rel=1e-5)
        assert bounds[0][1] == 0


def test_another_model_and_its_settings_can_be_chosen(tmp_path):
    done = run_with(tmp_path, "--prompts-file", "-", "--model", "mini/point-e", "--steps", "9", "--guidance", "2.5",
                    "--grid", "32", "--result", "cloud", "--format", "ply", stdin="a red chair\n")  # fmt: skip
    assert done.returncode == 0, done.stderr
    (entry,) = json.loads((tmp_path / "out/manifest.json").read_text()).values()
    recipe = entry["recipe"]
    assert [recipe[name] for name in ("model", "steps", "guidance", "grid")] == ["mini/point-e", 9, 2.5, 32]


def test_every_image_of_a_folder_is_an_object_named_after_it(tmp_path):
    folder = tmp_path / "images"
    folder.mkdir()
    for name in ("mug.png", "Red Chair.JPG", "notes.txt", ".hidden.png"):
        (folder / name).write_bytes(name.encode())
    done = run_with(tmp_path, "--images-folder", folder)
    assert done.returncode == 0, done.stderr
    assert "1 file is no image" in done.stderr
    assert [name.rsplit("-", 2)[0] for name in names(tmp_path / "out", ".glb")] == ["mug", "red-chair"]
    moved = folder.rename(tmp_path / "moved")
    assert run_with(tmp_path, "--images-folder", moved).stdout.count("exists") == 2


def test_a_stopped_batch_is_completed_without_its_list(batch, tmp_path):
    assert batch("a red chair", "a blue mug", formats="ply", options=["--size", "2"]).returncode == 0
    lost = names(tmp_path / "out", ".ply")[0]
    (tmp_path / "out" / lost).unlink()
    done = run_with(tmp_path, "--resume")
    assert (done.returncode, done.stdout.count("exists")) == (0, 1)
    assert lost in names(tmp_path / "out", ".ply")


def test_another_print_height_writes_the_print_again(tmp_path):
    heights = []
    for height in ("60", "90", "90"):
        done = run_with(tmp_path, "--prompts-file", "-", "--format", "stl", "--print-height", height, stdin="a chair\n")
        assert f"{height} mm high" in done.stderr
        (name,) = names(tmp_path / "out", ".stl")
        heights.append(round(float(trimesh.load(tmp_path / "out" / name).bounds[1][2]), 3))
    assert heights == [60, 90, 90]
    assert "exists" in done.stdout


def test_the_table_has_the_notices_of_each_object(batch):
    done = batch("a flying chair")
    assert done.stdout.count("“flying” is not a word I know.") == 2  # when it is made, and in the table


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ((), "Nothing to generate"),
        (("--resume",), "There is no batch to resume"),
        (("--prompts-file", "gone.txt"), "gone.txt cannot be read (No such file"),
        (("--prompts-file", "."), "cannot be read"),
        (("--images-folder", "gone"), "cannot be read"),
        (("--images-folder", "jobless"), "contains no image"),
        (("--image", "gone.png"), "There is no file"),
        (("--prompts-file", "-", "--size", "0"), "The size in meters is 0.0."),
        (("--prompts-file", "-", "--model", "point-x"), "There is no model 'point-x'"),
        (("--prompts-file", "-", "--out", "file"), "file is a file, not a folder"),
        (("--prompts-file", "-", "--jobs-dir", "file"), "file is a file, not a folder"),
        (("--prompts-file", "-", "--print-height", "60"), "only affects .stl and .3mf"),
        (("--prompts-file", "file"), "contains no prompt"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_wrong_input_is_one_sentence_and_starts_nothing(tmp_path, monkeypatch, capsys, options, sentence):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_text("")
    (tmp_path / "jobless").mkdir()
    (tmp_path / "list").write_text("a red chair\n")
    options = ["list" if option == "-" else option for option in options]
    assert batch_generate.main(["--out", "out", "--jobs-dir", "jobs", *options]) == 2
    out, err = capsys.readouterr()
    assert (out, len(err.splitlines()), sentence in err) == ("", 1, True)
    assert jobs_in(tmp_path) == []


@pytest.mark.parametrize(
    "content", ["", "{}", '{"formats": ["exe"], "requests": []}', '{"formats": [], "requests": [5]}']
)
def test_a_record_of_another_program_is_not_resumed(tmp_path, capsys, content):
    (tmp_path / "out").mkdir()
    (tmp_path / "out/batch.json").write_text(content)
    assert batch_generate.main(["--out", str(tmp_path / "out"), "--resume"]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_output_into_a_closed_pipe_ends_quietly_with_every_job(tmp_path):
    worker = ["--worker-python", scripted_python(tmp_path), "--jobs-dir", tmp_path / "jobs"]
    command = [sys.executable, SCRIPTS / "batch_generate.py", "--out", tmp_path / "out", "--prompts-file", "-", *worker]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    process.stdout.close()
    process.stdin.write(b"a red chair\na blue mug\nslow\n")
    process.stdin.close()
    assert (process.stderr.read(), process.wait(timeout=120)) == (b"", 141)
    ends = [JobFolder(job).last_event().kind for job in jobs_in(tmp_path)]
    assert len(ends) == 3
    assert set(ends) <= {"finished", "cancelled"}


VIEWS = ["--model", "mini/three-step", "--candidates", "4", "--outputs", "view"]


def test_a_batch_of_views_writes_all_candidates_and_a_second_run_generates_nothing(batch, tmp_path):
    done = batch("a red chair", options=VIEWS)
    assert done.returncode == 0, done.stderr
    assert "s: views: 4\n" in done.stdout
    assert "faces" not in done.stdout
    endings = [name.partition(".")[2] for name in names(tmp_path / "out", ".png")]
    assert endings == ["view.png", "view_0.png", "view_1.png", "view_2.png", "view_3.png"]
    (stem,) = {name.partition(".")[0] for name in names(tmp_path / "out", ".png")}
    assert (tmp_path / f"out/{stem}.view.png").read_bytes() == (tmp_path / f"out/{stem}.view_3.png").read_bytes()
    jobs = jobs_in(tmp_path)
    assert "exists" in batch("a red chair", options=VIEWS).stdout
    assert jobs_in(tmp_path) == jobs
    (tmp_path / f"out/{stem}.view_1.png").unlink()
    assert batch("a red chair", options=VIEWS).returncode == 0
    assert (tmp_path / f"out/{stem}.view_1.png").exists()
    assert jobs_in(tmp_path) == jobs


def test_a_stopped_batch_of_three_steps_is_resumed_with_its_settings(batch, tmp_path):
    options = ["--model", "mini/three-step", "--candidates", "9", "--seed", "4"]
    assert batch("a red chair", "a blue mug", formats="glb", options=options).returncode == 0
    chair = next(path for path in (tmp_path / "out").glob("a-red-chair-4*.glb"))
    chair.unlink()
    for job in jobs_in(tmp_path):
        shutil.rmtree(job)
    files = ["--resume", "--out", tmp_path / "out", "--jobs-dir", tmp_path / "jobs"]
    command = [sys.executable, SCRIPTS / "batch_generate.py", *files, "--worker-python", scripted_python(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8")
    assert done.returncode == 0, done.stderr
    assert chair.exists()
    (job,) = map(JobFolder, jobs_in(tmp_path))
    request = job.read_request()
    assert (request.prompt, request.model, request.candidates) == ("a red chair", "mini/three-step", 9)
    assert Path(f"{str(chair).removesuffix('.glb')}.view.png").exists()
