# SPDX-License-Identifier: GPL-3.0-or-later
"""End to end with the real engine and a bundled model: client, worker process, files."""

import sys
from pathlib import Path

import numpy as np
import pytest
import trimesh

from blender_text3d.client.session import Session
from blender_text3d.exports.export_job import export_job
from blender_text3d.exports.formats import ExportTarget
from blender_text3d.geometry import load_geometry
from blender_text3d.geometry.placement import placement_of
from blender_text3d.prompts.notices import prompt_notice
from blender_text3d.prompts.reader import read_prompt
from blender_text3d.prompts.vocabulary import read_vocabulary
from blender_text3d.protocol.events import Notice, Progress, Started
from blender_text3d.protocol.job_folder import JobFolder
from blender_text3d.protocol.request import Request, make_requests
from tests.client.waiting import finish, news_until, reached

pytestmark = pytest.mark.slow


def small(prompt: str, **choices) -> list[Request]:
    """Return requests that are fast even on a busy machine."""
    return make_requests(prompt, **{"seed": 5, "steps": 12, "grid": 32, "outputs": "both"} | choices)


@pytest.fixture(scope="module")
def session(tmp_path_factory):
    session = Session(tmp_path_factory.mktemp("jobs"), Path(sys.executable))
    yield session
    session.close()
    session.worker.kill()


@pytest.fixture(scope="module")
def chair(session) -> JobFolder:
    (job,) = session.submit(small("a red chair"))
    job.set_watched(True)
    last = finish(session)[job]
    assert last.kind == "finished", last
    return job


def of_kind(job: JobFolder, kind: type) -> list:
    return [event for event in job.events() if isinstance(event, kind)]


def test_stages_run_in_order_and_each_reaches_its_last_step(chair):
    steps = of_kind(chair, Progress)
    stages = list(dict.fromkeys(step.stage for step in steps))
    assert stages[0] == "load"
    assert stages[1] == "sample"
    assert stages[-1] == "export"
    for stage in stages:
        indices = [step.index for step in steps if step.stage == stage]
        assert indices == sorted(indices)
        assert indices[-1] == next(step.total for step in steps if step.stage == stage)


def test_sigma_decreases_while_sampling_and_a_preview_is_written(chair):
    sigmas = [step.sigma for step in of_kind(chair, Progress) if step.sigma is not None]
    assert len(sigmas) == 12
    assert sigmas == sorted(sigmas, reverse=True)
    assert any(step.preview for step in of_kind(chair, Progress))
    assert chair.preview.is_file()


def test_started_names_device_and_weights(chair):
    (started,) = of_kind(chair, Started)
    assert started.device
    assert started.device_name
    assert len(started.weights_sha256) == 64


def test_mesh_and_cloud_are_a_red_object_within_the_unit_cube(chair):
    mesh, cloud = load_geometry(chair.mesh), load_geometry(chair.cloud)
    for points in (mesh.vertices, cloud.points):
        assert len(points) > 100
        assert np.abs(points).max() <= 1.0
    red, green, blue = mesh.colors.mean(axis=0)
    assert red > green + 0.2
    assert red > blue + 0.2


def test_exported_files_equal_the_arrays_for_blender_at_its_size_and_foot(chair, tmp_path):
    mesh, cloud = load_geometry(chair.mesh), load_geometry(chair.cloud)
    names = {("mesh", "ply"): "a.ply", ("mesh", "glb"): "a.glb", ("cloud", "ply"): "b.ply"}
    export_job(chair, [ExportTarget(*kind, tmp_path / name) for kind, name in names.items()])
    ply = trimesh.load(tmp_path / "a.ply", process=False)
    vertices = placement_of(mesh.vertices, 1.0).apply(mesh.vertices)
    np.testing.assert_array_equal(ply.vertices.astype(np.float32), vertices)
    np.testing.assert_array_equal(ply.visual.vertex_colors[:, :3], np.rint(mesh.colors * 255))
    glb = trimesh.load(tmp_path / "a.glb", process=False).to_geometry()
    x, y, z = vertices.T
    np.testing.assert_allclose(glb.vertices, np.stack([x, z, -y], axis=1), atol=1e-6)
    points = np.asarray(trimesh.load(tmp_path / "b.ply").vertices, np.float32)
    np.testing.assert_array_equal(points, placement_of(cloud.points, 1.0).apply(cloud.points))


def test_the_same_request_gives_the_same_object_and_another_seed_a_different_one(session, chair):
    same, other = session.submit(small("a red chair")) + session.submit(small("a red chair", seed=6))
    finish(session)
    np.testing.assert_array_equal(load_geometry(same.mesh).vertices, load_geometry(chair.mesh).vertices)
    assert load_geometry(other.mesh).vertices.shape != load_geometry(chair.mesh).vertices.shape
    assert same.claimed_by().pid == other.claimed_by().pid == chair.claimed_by().pid


def test_a_cancel_while_sampling_takes_effect_within_a_step(session):
    (job,) = session.submit(small("a red chair", steps=1000))
    news_until(session, reached("sample"))
    session.cancel(job)
    cancelled = finish(session)[job]
    assert (cancelled.kind, cancelled.stage) == ("cancelled", "sample")
    assert cancelled.index == of_kind(job, Progress)[-1].index < 1000


@pytest.mark.parametrize("prompt", ["a red chair that flies", "🪑", "كرسي أحمر", "x" * 1000])
def test_unknown_words_give_a_notice_and_the_job_ends(session, prompt):
    (request,) = small(prompt, outputs="mesh")
    (job,) = session.submit([request])
    last = finish(session)[job]
    assert last.kind == "finished" or last.reason == "nothing_made"
    message = prompt_notice(read_prompt(prompt, request.model), read_vocabulary(request.model))
    assert [notice.message for notice in of_kind(job, Notice)] == [message]


def test_a_missing_device_fails_with_a_fix(session):
    lacking = "cuda" if sys.platform == "darwin" else "mps"
    (job,) = session.submit(small("a red chair", device=lacking))
    failed = finish(session)[job]
    assert (failed.reason, lacking in failed.message, failed.fix.startswith("Choose another device")) == (
        "no_device",
        True,
        True,
    )


def test_objects_made_at_once_equal_those_made_alone(session, chair):
    session.offer.max_batch_size = 3
    requests = [*small("a red chair"), *small("a tree", seed=8), *small("a blue car", seed=9)]
    alone = requests[1:]
    jobs = session.submit(requests)
    for job in jobs:
        job.set_watched(True)
    ends = finish(session)
    session.offer.max_batch_size = 1
    others = session.submit(alone)
    finish(session)
    assert [ends[job].kind for job in jobs] == ["finished"] * 3
    assert max(job.claimed_by().time for job in jobs) < min(of_kind(job, Started)[0].time for job in jobs)
    for job, same in zip(jobs, [chair, *others], strict=True):
        assert np.abs(latent_of(job) - latent_of(same)).max() < 1e-4
        assert load_geometry(job.mesh).faces.shape == load_geometry(same.mesh).faces.shape
        assert set(ends[job].files) == set(same.last_event().files)
        assert [event.kind for event in job.events()].count("finished") == 1
        assert job.preview.is_file()
        assert of_kind(job, Started)


def latent_of(job: JobFolder) -> np.ndarray:
    with np.load(job.latent, allow_pickle=False) as arrays:
        return arrays["latent"]
