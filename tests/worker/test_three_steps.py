# SPDX-License-Identifier: GPL-3.0-or-later
"""Jobs of three steps in a worker of this process, with the small models; the views are painted."""

import json

import numpy as np
import pytest
import torch
from PIL import Image

from blender_text3d.engine.three_step import chain
from blender_text3d.protocol.create_job import create_job
from blender_text3d.protocol.events import Notice, Progress, Started, ViewChosen, event_from_json
from blender_text3d.protocol.failures import Reason
from blender_text3d.protocol.job_recipe import job_recipe
from blender_text3d.protocol.request import Request, make_requests
from blender_text3d.worker.commands import Offer
from blender_text3d.worker.loop import run_offer
from blender_text3d.worker.worker_state import WorkerState
from tests.engine.three_step.painted import BLACK, BLUE, RED, picture_of, use_painted_images

CHOICES = {"model": "mini/three-step", "quality": "draft", "grid": 24, "device": "cpu", "seed": RED}


@pytest.fixture
def painted(monkeypatch):
    return use_painted_images(monkeypatch)


@pytest.fixture
def run_job(tmp_path, painted):
    state = WorkerState()

    def run(prompt="a red mug", before=lambda job: None, **choices):
        (request,) = make_requests(prompt, **CHOICES | choices)
        job = create_job(tmp_path / "jobs", request)
        before(job)
        run_offer(Offer((job,)), state)
        return job

    return run


def of_kind(job, kind):
    return [event for event in job.events() if isinstance(event, kind)]


def recipe_of(job):
    return job_recipe(job.job_id, job.read_request(), job.events())


def pixels(path):
    return np.asarray(Image.open(path).convert("RGB"))


def test_a_job_keeps_its_views_and_its_recipe_names_the_chosen_one_and_the_weights_of_both_models(run_job):
    job = run_job(seed=BLUE, candidates=4)
    last = job.last_event()
    assert last.kind == "finished", last
    assert {name: last.files[name] for name in last.files if name.startswith("view")} == {
        "view": "view.png", **{f"view_{index}": f"view_{index}.png" for index in range(4)},
    }  # fmt: skip
    assert [np.array_equal(pixels(job.view_candidate(index)), picture_of(index)) for index in range(4)] == [True] * 4
    assert np.array_equal(pixels(job.view), picture_of(RED))
    recipe = recipe_of(job)
    assert (recipe["view"], recipe["view_scored_by"], recipe["candidates"]) == ("view_1.png", "image tower", 4)
    assert recipe["view_score"] == pytest.approx(of_kind(job, ViewChosen)[0].score, abs=1e-4)
    assert recipe["image_weights_sha256"] == "12" * 32 != recipe["weights_sha256"]
    assert len(recipe["weights_sha256"]) == 64
    assert job.seen_image.exists()
    json.dumps(recipe)


def test_the_steps_of_all_stages_are_reported_and_the_written_prompt_is_told(run_job):
    job = run_job()
    stages = list(dict.fromkeys(step.stage for step in of_kind(job, Progress)))
    assert stages == ["load", "image", "choose", "sample", "mesh", "export"]
    notices = [notice.message for notice in of_kind(job, Notice)]
    assert notices[0] == 'The view is made of: "a 3d render of a red mug, white background".'
    assert any("Using: a red mug." in notice for notice in notices)


def test_the_view_of_a_job_is_the_image_of_another_with_the_same_object(run_job):
    job = run_job(seed=BLUE, candidates=4)
    again = run_job("a red mug", image=str(job.view), seed=BLUE)
    assert again.mesh.read_bytes() == job.mesh.read_bytes()
    assert not [notice for notice in of_kind(again, Notice) if "only names it" in notice.message]
    assert not again.view.exists()
    assert "view" not in recipe_of(again)
    other = run_job(image=str(job.view_candidate(0)), seed=BLUE, model="mini/point-e")
    assert other.last_event().kind == "finished"


def test_only_views_are_made_without_an_object(run_job):
    job = run_job(outputs="view", candidates=9)
    last = job.last_event()
    assert (last.kind, last.vertices, last.points) == ("finished", 0, 0)
    assert sum(name.startswith("view_") for name in last.files) == 9
    assert not {"mesh", "cloud", "latent"} & last.files.keys()
    assert "made" not in [event.kind for event in job.events()]


def test_without_memory_for_the_object_the_views_are_kept_and_can_be_used(run_job, monkeypatch):
    def no_memory(self, recipes):
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20 MiB")
        yield

    with monkeypatch.context() as patch:
        patch.setattr(chain.ThreeStep, "run_shape", no_memory)
        job = run_job(candidates=4)
    last = job.last_event()
    assert (last.kind, last.reason) == ("failed", Reason.OUT_OF_MEMORY)
    assert "Its view is kept: view.png in the job folder can be the image." in last.message
    assert all(job.view_candidate(index).exists() for index in range(4))
    assert run_job(image=str(job.view), model="mini/shap-e").last_event().kind == "finished"


@pytest.mark.parametrize("stage", ["image", "choose"])
def test_a_cancel_takes_effect_while_the_view_is_made(run_job, monkeypatch, stage):
    def cancel_at_stage(job):
        append = type(job).append

        def watch(folder, event):
            append(folder, event)
            if isinstance(event, Progress) and event.stage == stage:
                folder.request_cancel()

        monkeypatch.setattr(type(job), "append", watch)

    job = run_job(before=cancel_at_stage, candidates=4)
    assert (job.last_event().kind, job.last_event().stage) == ("cancelled", stage)
    assert job.view_candidate(3).exists() == (stage == "choose")


def test_a_black_view_says_what_to_do(run_job):
    last = run_job(seed=BLACK).last_event()
    assert (last.reason, last.fix) == (Reason.NOTHING_MADE, "Try another seed, another prompt or another image model.")
    assert "black image of 'a red mug'" in last.message


def test_an_object_without_a_choice_has_the_recipe_of_before(run_job):
    job = run_job(model="mini/shap-e")
    assert not {"view", "view_score", "image_weights_sha256"} & recipe_of(job).keys()
    assert of_kind(job, Started)[0].image_weights_sha256 == ""


def test_an_older_version_ignores_what_it_does_not_know(run_job):
    line = ViewChosen(view="view_0.png", total=1).to_json()
    assert event_from_json(line).view == "view_0.png"
    assert event_from_json(line.replace('"view"', '"unheard"', 1)) is None
    old = {name: value for name, value in make_requests("a")[0].to_values().items() if "image_model" not in name}
    assert Request.from_values(old).image_model == ""
