# SPDX-License-Identifier: GPL-3.0-or-later
"""Job folders and output folders of version 0.1.0 are listed, recovered, imported, repeated and refined."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from blender_text3d.client import recovery
from blender_text3d.client.import_claim import claim_import
from blender_text3d.client.session import Session
from blender_text3d.geometry import Mesh, PointCloud, load_geometry, load_views
from blender_text3d.protocol.create_job import request_file
from blender_text3d.protocol.earlier_weights import earlier_weights_notice
from blender_text3d.protocol.job_recipe import job_recipe
from blender_text3d.protocol.request import Request, make_requests
from scripts.cli.batch_manifest import Order
from scripts.cli.save_outputs import is_free
from tests.client.waiting import finish
from tests.compatibility.stored_data import DATA, JOB_NAMES, adopt_jobs, copy_data_folder, stored_job, stored_values
from tests.worker.scripted_python import WITH_SCRIPTED_ENGINE, scripted_python

REPOSITORY = Path(__file__).parents[2]
INTERFACE = json.loads(Path(__file__).with_name("interface.json").read_text(encoding="utf-8"))
FINISHED = {"mesh", "cloud", "refined", "compare point-e", "compare shap-e", "image"}
IMPORTED = {"in scene-4.2.blend: mesh", "in scene-4.2.blend: cloud"}
NAMES = {job_id: name for name, job_id in JOB_NAMES.items()}


@pytest.fixture
def data_dir(tmp_path) -> Path:
    return copy_data_folder(tmp_path / "data")


@pytest.fixture
def own_data_dir(data_dir) -> Path:
    """The same with jobs of this machine."""
    adopt_jobs(data_dir)
    return data_dir


def names_of(jobs) -> set[str]:
    return {NAMES[job.job_id] for job in jobs}


def test_all_jobs_are_listed(data_dir):
    assert names_of(recovery.job_folders(data_dir / "jobs")) == JOB_NAMES.keys()


def test_each_job_has_the_state_it_had(own_data_dir):
    states = {NAMES[job.job_id]: recovery.state(job) for job in recovery.job_folders(own_data_dir / "jobs")}
    assert states == dict.fromkeys(FINISHED | IMPORTED, "finished") | {
        "failed": "failed",
        "failed: bad image": "failed",
        "cancelled": "cancelled",
        "half done": "interrupted",
        "queued": "queued",
    }


@pytest.mark.parametrize("name", sorted(FINISHED | IMPORTED))
def test_a_recipe_whose_weights_only_version_0_1_0_includes_says_so(data_dir, name):
    job = stored_job(data_dir, name)
    recipe = job_recipe(job.job_id, job.read_request(), job.events())
    notice = earlier_weights_notice(recipe["weights_sha256"])
    label = {"mini/shap-e": "Mini Shap-E", "mini/point-e": "Mini Point-E"}.get(recipe["model"], "")
    assert bool(notice) == bool(label)
    assert notice.startswith(f"The object was made by a {label} of an earlier version" if label else "")


def test_a_job_of_another_machine_is_not_taken_for_interrupted(data_dir):
    assert recovery.state(stored_job(data_dir, "half done")) == "elsewhere"
    assert recovery.interrupted(data_dir / "jobs") == []


def test_finished_jobs_are_offered_once(own_data_dir):
    waiting = recovery.finished_but_not_imported(own_data_dir / "jobs")
    assert names_of(waiting) == FINISHED
    assert all(recovery.should_offer_import(job) for job in waiting)
    assert {name for name in FINISHED | IMPORTED if claim_import(stored_job(own_data_dir, name))} == FINISHED


def test_a_job_without_a_worker_gets_its_last_event(own_data_dir):
    (job,) = recovery.interrupted(own_data_dir / "jobs")
    assert NAMES[job.job_id] == "half done"
    assert job.last_event().kind == "failed"
    assert job.last_event().reason == "interrupted"


def test_failed_and_cancelled_jobs_say_what_they_said(data_dir):
    for name in ("failed", "failed: bad image", "cancelled"):
        job = stored_job(data_dir, name)
        stored = json.loads(job.journal.read_text(encoding="utf-8").splitlines()[-1])
        assert json.loads(job.last_event().to_json()) == stored


@pytest.mark.parametrize("name", JOB_NAMES)
def test_every_event_is_read_without_loss(data_dir, name):
    job = stored_job(data_dir, name)
    stored = [json.loads(line) for line in job.journal.read_text(encoding="utf-8").splitlines()]
    read = [json.loads(event.to_json()) for event in job.events()]
    assert [event | old for event, old in zip(read, stored, strict=True)] == read  # new keys may be added


@pytest.mark.parametrize("name", JOB_NAMES)
def test_a_request_is_read_and_written_without_loss(data_dir, name):
    stored = stored_values(name)
    request = stored_job(data_dir, name).read_request()
    written = request_file(JOB_NAMES[name], request)
    assert stored["request"].items() <= request.to_values().items()
    assert stored["request"].items() <= written["request"].items()
    assert stored.keys() <= written.keys()
    assert written["format"] == stored["format"]
    assert Request.from_json(request.to_json()) == request


@pytest.mark.parametrize("name", JOB_NAMES)
def test_a_request_made_from_an_old_recipe_is_the_old_request(name):
    values = stored_values(name)["request"]
    del values["comparison"]  # comparison_requests draws it
    (request,) = make_requests(**values)
    assert values.items() <= request.to_values().items()


@pytest.mark.parametrize("name", sorted(FINISHED | IMPORTED))
def test_the_geometry_of_finished_jobs_is_read(data_dir, name):
    job = stored_job(data_dir, name)
    last = job.last_event()
    for kind, type_ in (("mesh", Mesh), ("cloud", PointCloud)):
        if kind in last.files:
            path = job.own_file(last.files[kind])
            geometry = load_geometry(path)
            assert isinstance(geometry, type_)
            with np.load(path) as arrays:
                assert all((arrays[key] == getattr(geometry, key)).all() for key in arrays.files)


def test_rendered_views_are_read(data_dir):
    views = load_views(stored_job(data_dir, "refined").views)
    assert len(views.images) == 2


def test_a_queued_job_is_resumed(own_data_dir, tmp_path):
    (job,) = recovery.queued(own_data_dir / "jobs")
    assert NAMES[job.job_id] == "queued"
    assert recovery.is_orphaned(job)
    session = Session(own_data_dir / "jobs", scripted_python(tmp_path, WITH_SCRIPTED_ENGINE))
    try:
        session.resume([job])
        assert finish(session)[job].kind == "finished"
    finally:
        session.worker.kill()


def test_an_old_latent_is_decoded_on_another_grid_and_reported_as_before(data_dir, tmp_path):
    refined, latent, out = stored_job(data_dir, "refined"), stored_job(data_dir, "mesh").latent, tmp_path / "out"
    done = run(
        "generate.py",
        "a red chair",
        "--seed",
        "7",
        "--latent",
        latent,
        "--grid",
        "16",
        "--views",
        "1",
        "--view-size",
        "16",
        "--json",
        "--out",
        out,
        "--jobs-dir",
        tmp_path / "jobs",
        "--python",
        sys.executable,
    )
    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert lines[-1].keys() >= set(INTERFACE["generate.py --json, result"])
    assert lines[-1]["files"].keys() >= refined.last_event().files.keys()
    assert all(Path(path).exists() for path in lines[-1]["files"].values())
    assert {path.name for path in out.iterdir()} >= {path.name for path in (DATA / "generate-out").iterdir()}
    assert len(load_geometry(out / "a-red-chair-7.npz").vertices) > 0
    (job,) = recovery.job_folders(tmp_path / "jobs")
    with np.load(latent) as old, np.load(job.latent) as new:
        assert old.files == new.files
        assert all((old[name] == new[name]).all() for name in old.files)


def test_an_old_request_has_the_file_name_that_its_batch_gave_it():
    made = json.loads((DATA / "batch/out/manifest.json").read_text(encoding="utf-8"))
    names = []
    for entry in made.values():
        recipe = {key: value for key, value in entry["recipe"].items() if key != "engine_version"}
        names.append(Order(Request.from_values({**recipe, "device": "auto", "viewer": ""})).name)
    assert names == list(made)


def test_a_new_batch_of_drafts_leaves_the_old_one_whose_drafts_were_sampled_otherwise(data_dir, tmp_path):
    out = shutil.copytree(DATA / "batch/out", tmp_path / "out")
    before = {path.name: path.read_bytes() for path in out.glob("*.ply")}
    old = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    done = run("batch_generate.py", "--prompts-file", DATA / "batch/prompts.txt", "--out", out, "--format", "ply",
               "--result", "cloud", "--quality", "draft", "--jobs-dir", tmp_path / "jobs")  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert {name: (out / name).read_bytes() for name in before} == before
    assert len(list(out.glob("*.ply"))) == 2 * len(before)
    assert old.items() <= json.loads((out / "manifest.json").read_text(encoding="utf-8")).items()


def test_an_old_copy_of_the_same_request_is_overwritten_and_no_other():
    recipe = DATA / "generate-out/a-red-chair-7.json"
    request = Request.from_values(json.loads(recipe.read_text(encoding="utf-8"))["request"])
    (other,) = make_requests("a red chair", seed=7, quality="exact")
    assert is_free(recipe, request)
    assert not is_free(recipe, other)


def run(script: str, *arguments: object) -> subprocess.CompletedProcess:
    command = [sys.executable, REPOSITORY / "scripts" / script, *map(str, arguments)]
    return subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, encoding="utf-8", timeout=300)
