# SPDX-License-Identifier: GPL-3.0-or-later
"""A failed job again, with one change."""

from dataclasses import replace

import pytest

from blender_text3d.addon.jobs import retry as module
from blender_text3d.addon.jobs.retry import retry
from blender_text3d.addon.state.problem import Problem, SubmitError
from blender_text3d.protocol.models import MODELS

SCENE = object()


@pytest.fixture
def submitted(clean_state, monkeypatch):
    """The requests that were queued."""
    submitted = []

    def submit(requests, scene, into):
        assert scene is SCENE
        submitted.extend(requests)
        return ["queued"]

    monkeypatch.setattr(module, "submit", submit)
    return submitted


@pytest.mark.parametrize(
    ("how", "changes"),
    [
        ("same", {}),
        ("draft", {"quality": "draft", "solver": "distilled", **MODELS["mini/shap-e"].qualities["draft"]._asdict()}),
        ("processor", {"device": "cpu"}),
        ("device", {"device": "auto"}),
        ("mini", {}),
        ("sample", {}),
    ],
)
def test_one_thing_is_changed(submitted, new_folder, how, changes):
    folder = new_folder("job-1", device="cuda", seed=7, size_m=2.0, quality="exact")
    assert retry(folder, SCENE, how) == ["queued"]
    assert submitted == [replace(folder.read_request(), **changes)]


def test_another_seed_is_drawn_from_all(submitted, new_folder, monkeypatch):
    folder, limits = new_folder("job-1", seed=7), []
    monkeypatch.setattr(module.random, "randrange", lambda limit: limits.append(limit) or 99)
    retry(folder, SCENE, "seed")
    assert submitted == [replace(folder.read_request(), seed=99)]
    assert limits == [2**31]


def test_the_small_model_has_its_own_sampling_at_the_same_quality_and_no_latent_of_another(submitted, new_folder):
    folder = new_folder("job-1", model="shap-e/text300M", latent="latent.npz", quality="exact")
    retry(folder, SCENE, "mini")
    sampling = MODELS["mini/shap-e"].qualities["exact"]
    expected = {"model": "mini/shap-e", "latent": "", **sampling._asdict()}
    assert submitted == [replace(folder.read_request(), **expected)]
    assert submitted[0].guidance != folder.read_request().guidance


def test_the_inputs_are_the_copies_in_the_job_folder(submitted, new_folder):
    folder = new_folder("job-1", model="shap-e/image300M", image="photo.png", latent="latent.npz")
    retry(folder, SCENE, "same")
    retry(folder, SCENE, "sample")
    image, latent = str(folder.path / "photo.png"), str(folder.path / "latent.npz")
    assert [(request.image, request.latent) for request in submitted] == [(image, latent), (image, "")]


def test_a_retried_job_is_no_longer_listed(submitted, new_folder, new_job, clean_state):
    folder, job = new_folder("job-1"), new_job("job-1")
    clean_state.ended = {"job-1": job, "job-2": job}
    clean_state.problem = Problem("It failed.", job_path=folder.path)
    retry(folder, SCENE, "same")
    assert (list(clean_state.ended), clean_state.problem) == (["job-2"], None)


def test_a_job_that_could_not_be_queued_stays_listed(submitted, new_folder, new_job, clean_state, monkeypatch):
    def refuse(*_, **__):
        raise SubmitError(Problem("The disk is full."))

    folder = new_folder("job-1")
    clean_state.ended = {"job-1": new_job("job-1")}
    monkeypatch.setattr(module, "submit", refuse)
    with pytest.raises(SubmitError, match="The disk is full."):
        retry(folder, SCENE, "same")
    assert list(clean_state.ended) == ["job-1"]


def test_a_request_that_cannot_be_read_is_refused_with_its_reason(submitted, new_folder):
    folder = new_folder("job-1")
    folder.request.unlink()
    with pytest.raises(SubmitError, match="Job job-1 cannot be read") as caught:
        retry(folder, SCENE, "same")
    assert caught.value.problem.reason == "read_only"


def test_a_change_that_is_not_accepted_is_refused(submitted, new_folder, monkeypatch):
    monkeypatch.setitem(module.CHANGES, "invalid", lambda request: {"steps": -1})
    with pytest.raises(SubmitError, match="number of steps") as caught:
        retry(new_folder("job-1"), SCENE, "invalid")
    assert (caught.value.problem.reason, submitted) == ("bad_request", [])
