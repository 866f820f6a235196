# SPDX-License-Identifier: GPL-3.0-or-later
"""The choice of jobs for a batch: its size, what fits together, and the log that they share."""

import errno
import os
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from blender_text3d.protocol.errors import InvalidJob
from blender_text3d.protocol.job_folder import JobFolder
from blender_text3d.protocol.request import make_requests
from blender_text3d.worker.batch.batch_job import BatchJob
from blender_text3d.worker.batch.select_batch import (
    claim,
    claim_batch,
    compatible_request,
    max_batch_size,
    recipe_of,
    share_log,
)
from blender_text3d.worker.commands import Offer
from tests.worker import scripted_engine

RECIPE = scripted_engine.Recipe("a", "mini/shap-e", seed=1, steps=4, guidance=3.0, grid=32, outputs="mesh")


@pytest.fixture
def first(new_job, worker_state):
    """A claimed job with its recipe."""
    job = BatchJob(new_job("first"), worker_state.eta)
    job.folder.claim()
    job.request = job.folder.read_request()
    job.recipe = recipe_of(job.request, job.folder)
    return job


@pytest.mark.parametrize(
    ("device", "requested", "limit", "expected"),
    [
        ("cpu", None, None, 1),
        ("mps", None, None, 4),
        ("cuda", None, None, 8),
        ("cuda", None, 3, 3),
        ("cuda", 5, None, 5),
        ("cuda", 5, 9, 5),
        ("cuda", 20, 9, 9),
        ("cpu", 3, None, 3),
        ("cuda", 0, None, 8),
    ],
)
def test_a_batch_is_as_large_as_requested_or_as_is_usual_for_the_device_and_fits_into_memory(
    worker_state, monkeypatch, device, requested, limit, expected
):
    monkeypatch.setattr(scripted_engine, "pick_device", lambda wanted: SimpleNamespace(type=device))
    if limit:
        worker_state.remember_fitting_batch(RECIPE, limit)
    assert max_batch_size(RECIPE, requested, worker_state) == expected


@pytest.mark.parametrize(
    ("device", "requested", "limit", "expected"),
    [("cpu", None, None, 8), ("mps", None, None, 8), ("cpu", 1, None, 1), ("cpu", None, 3, 3)],
)
def test_a_batch_of_few_steps_is_larger_on_a_slow_device_too(
    worker_state, monkeypatch, device, requested, limit, expected
):
    monkeypatch.setattr(scripted_engine, "pick_device", lambda wanted: SimpleNamespace(type=device))
    if limit:
        worker_state.remember_fitting_batch(RECIPE, limit)
    assert max_batch_size(replace(RECIPE, solver="euler"), requested, worker_state) == expected


@pytest.mark.parametrize("change", [{"latent": "latent.npz"}, {"object": "a.glb"}, {"model": "reference/shap-e"}])
def test_a_stored_latent_and_a_reference_model_run_alone(worker_state, change):
    assert max_batch_size(replace(RECIPE, **change), 8, worker_state) == 1


def test_the_batch_is_claimed_in_the_order_of_the_offer_without_the_first_job(first, new_job, worker_state):
    others = [new_job(word) for word in ("a", "b", "c")]
    offer = Offer((others[0], first.folder, others[1], others[2]), at_once=3)
    claimed = claim_batch(first, offer, worker_state)
    assert [job.folder for job in claimed] == others[:2]
    assert [job.request.prompt for job in claimed] == ["a", "b"]
    assert [job.recipe.prompt for job in claimed] == ["a", "b"]
    assert all(job.folder.claimed_by() for job in claimed)
    assert others[2].claimed_by() is None


def test_a_job_of_a_batch_learns_its_own_durations(first, new_job, worker_state):
    (other,) = claim_batch(first, Offer((new_job("a"),), at_once=2), worker_state)
    assert other.reporter._eta is not worker_state.eta


def test_a_job_that_cannot_be_claimed_is_left_and_the_next_one_taken(first, new_job, worker_state, monkeypatch):
    taken, broken, free = (new_job(word) for word in ("a", "b", "c"))
    taken.claim()
    real_claim = JobFolder.claim

    def refuse(folder):
        if folder == broken:
            raise PermissionError(errno.EACCES, "read-only")
        return real_claim(folder)

    monkeypatch.setattr(JobFolder, "claim", refuse)
    assert not claim(broken)
    assert not claim(taken)
    claimed = claim_batch(first, Offer((taken, broken, free), at_once=2), worker_state)
    assert [job.folder for job in claimed] == [free]


def test_jobs_fit_together_if_the_engine_says_so(first, new_job, worker_state):
    request, recipe = compatible_request(new_job("other words", seed=99), first.recipe)
    assert (request.seed, recipe.seed, recipe.prompt) == (99, 99, "other words")
    assert compatible_request(new_job("a", steps=5), first.recipe) is None
    invalid = new_job("a")
    invalid.request.write_text("{")
    assert compatible_request(invalid, first.recipe) is None


def test_jobs_of_a_batch_share_one_log_file(tmp_path):
    first, other = (JobFolder(tmp_path / name) for name in ("first", "other"))
    for folder in (first, other):
        folder.path.mkdir()
    first.log.write_text("output\n")
    share_log(first, other)
    first.log.open("a").write("more\n")
    assert other.log.read_text() == "output\nmore\n"


def test_on_a_disk_without_hard_links_the_log_of_the_other_job_is_named(tmp_path, monkeypatch):
    first, other = (JobFolder(tmp_path / name) for name in ("first", "other"))
    other.path.mkdir()
    other.log.write_text("earlier\n")

    def refuse(*_):
        raise OSError(errno.EPERM, "no links")

    monkeypatch.setattr(os, "link", refuse)
    share_log(first, other)
    assert other.log.read_text() == f"earlier\nOutput is in {first.log}.\n"
    share_log(first, JobFolder(tmp_path / "gone"))  # a log is no reason to stop


def test_a_recipe_has_the_settings_of_the_request_and_the_files_of_the_job(new_job, worker_state, tmp_path):
    np.savez(tmp_path / "source.npz", latent=np.zeros(8, np.float32))
    job = new_job("a red chair", seed=7, steps=9, guidance=2.5, grid=64, latent=str(tmp_path / "source.npz"))
    recipe = recipe_of(job.read_request(), job)
    assert (recipe.prompt, recipe.seed, recipe.steps, recipe.guidance, recipe.grid) == ("a red chair", 7, 9, 2.5, 64)
    assert recipe.latent == job.path / "input_latent.npz"
    assert recipe.image is None


@pytest.mark.parametrize(
    ("choices", "solver"),
    [
        ({"quality": "draft", "steps": 12}, "dpm++2m"),
        ({"quality": "exact", "steps": 4}, "heun"),
        ({"quality": "draft", "steps": 5}, "euler"),
        ({"quality": "draft", "steps": 5, "solver": ""}, "dpm++2m"),
    ],
)
def test_the_solver_is_that_of_the_request_or_of_its_quality(new_job, worker_state, choices, solver):
    job = new_job("a", **choices)
    assert recipe_of(job.read_request(), job).solver == solver


@pytest.mark.parametrize(
    ("choices", "faces"),
    [
        ({"quality": "draft"}, 3000),
        ({}, 10_000),
        ({"grid": 256}, 40_000),
        ({"face_budget": "full"}, 0),
        ({"face_budget": 500, "grid": 256}, 500),
    ],
)
def test_the_face_budget_is_a_number_by_quality_and_grid_or_that_of_the_request(new_job, worker_state, choices, faces):
    job = new_job("a", **choices)
    assert recipe_of(job.read_request(), job).face_budget == faces


def test_a_recipe_needs_its_input_files(new_job, worker_state, tmp_path):
    np.savez(tmp_path / "source.npz", latent=np.zeros(8, np.float32))
    job = new_job("a", latent=str(tmp_path / "source.npz"))
    (job.path / "input_latent.npz").unlink()
    with pytest.raises(InvalidJob, match="has no file"):
        recipe_of(job.read_request(), job)


@pytest.mark.parametrize(
    ("choices", "keeps"),
    [({}, True), ({"keep_steps": "never"}, False), ({"latent": "steps.npz", "step": 2, "keep_steps": "always"}, False)],
)
def test_small_steps_are_kept_and_a_decoded_latent_has_none(tmp_path, choices, keeps):
    (request,) = make_requests("a red chair", **choices)
    (tmp_path / "steps.npz").touch()
    recipe = recipe_of(request, JobFolder(tmp_path))
    assert (recipe.keep_steps, recipe.step) == (keeps, choices.get("step", 0))
