# SPDX-License-Identifier: GPL-3.0-or-later
"""The recipe of a job of three steps, whose journal may be untrusted."""

import pytest

from blender_text3d.protocol.events import Started, ViewChosen
from blender_text3d.protocol.job_recipe import job_recipe
from blender_text3d.protocol.request import make_requests

STARTED = Started(
    pid=1, host="a", device="cpu", device_name="CPU", engine_version="1", torch_version="2", weights_sha256="ab",
    image_weights_sha256="cd",
)  # fmt: skip
(REQUEST,) = make_requests("a red chair", model="mini/three-step", seed=1)


def recipe_with(*events):
    return job_recipe("job", REQUEST, [STARTED, *events])


def test_the_recipe_names_the_view_its_score_and_the_weights_that_made_it():
    recipe = recipe_with(ViewChosen(view="view_2.png", total=4, score=0.251234, scored_by="CLIP"))
    assert (recipe["view"], recipe["view_score"], recipe["view_scored_by"]) == ("view_2.png", 0.2512, "CLIP")
    assert (recipe["weights_sha256"], recipe["image_weights_sha256"]) == ("ab", "cd")


def test_a_view_without_a_score_has_none_and_an_object_without_a_view_has_no_such_keys():
    assert "view_score" not in recipe_with(ViewChosen(view="view_0.png", total=1))
    assert not {"view", "view_score", "image_weights_sha256"} & recipe_with().keys()


@pytest.mark.parametrize("view", ["../view_0.png", "view_9.png", "", "x" * 10_000])
def test_another_name_than_that_of_a_view_is_left_out(view):
    assert "view" not in recipe_with(ViewChosen(view=view, total=1))


@pytest.mark.parametrize(
    ("source", "told"),
    [("/home/me/models/tiny", "tiny"), ("C:\\models\\tiny", "tiny"), ("maker/tiny", "maker/tiny")],
)
def test_the_recipe_does_not_tell_where_an_image_model_is_kept(source, told):
    choices = {"model": "shap-e/three-step", "image_model": "diffusers", "image_model_source": source}
    assert job_recipe("job", make_requests("a", **choices)[0], [STARTED])["image_model_source"] == told
