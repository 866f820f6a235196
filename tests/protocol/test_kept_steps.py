# SPDX-License-Identifier: GPL-3.0-or-later
"""Which jobs keep their steps, what they cost, and which requests for a step are refused."""

import pytest

from blender_text3d.protocol.errors import BadRequest
from blender_text3d.protocol.job_recipe import job_recipe
from blender_text3d.protocol.kept_steps import keeps_steps, steps_bytes
from blender_text3d.protocol.models import STEPS
from blender_text3d.protocol.request import Request, make_requests


def request(**choices):
    return make_requests("a red chair", **{"seed": 1} | choices)[0]


@pytest.mark.parametrize(
    ("model", "steps", "size"),
    [
        ("mini/shap-e", 20, 81_920),
        ("mini/three-step", 4, 16_384),
        ("mini/point-e", 16, 73_728),
        ("point-e/base40M-textvec", 25, 1_152_000),
        ("shap-e/text300M", 25, 52_428_800),
        ("reference/shap-e-text", 25, 0),
        ("shap-e/encoder", 25, 0),
    ],
)
def test_the_cost_of_the_steps_is_known_before_they_are_made(model, steps, size):
    assert steps_bytes(model, steps) == size


def test_small_steps_are_kept_by_default_and_large_ones_by_choice():
    kept = {
        (model, choice): keeps_steps(model, 25, choice)
        for model in ("mini/shap-e", "point-e/base40M-textvec", "shap-e/text300M", "reference/shap-e-text")
        for choice in ("auto", "always", "never")
    }
    assert [key for key, is_kept in kept.items() if is_kept] == [
        ("mini/shap-e", "auto"),
        ("mini/shap-e", "always"),
        ("point-e/base40M-textvec", "auto"),
        ("point-e/base40M-textvec", "always"),
        ("shap-e/text300M", "always"),
    ]


def test_a_request_of_an_older_version_has_no_step_and_keeps_small_ones():
    values = {name: value for name, value in request().to_values().items() if name not in ("step", "keep_steps")}
    assert (Request.from_values(values).step, Request.from_values(values).keep_steps) == (0, "auto")


def test_the_recipe_has_the_step_and_not_what_is_kept():
    recipe = job_recipe("a", request(step=3, keep_steps="never"), [])
    assert recipe["step"] == 3
    assert "keep_steps" not in recipe


@pytest.mark.parametrize(
    ("choices", "message"),
    [
        ({"step": -1}, "The step is -1"),
        ({"step": 4001}, "Choose an integer from 0 to 4000"),
        ({"step": True}, "The step is True"),
        ({"model": "reference/shap-e-text", "step": 1}, r"Shap-E \(Reference\) does not show its steps"),
        ({"object": "chair.glb", "step": 1}, "A copy of an object has no steps"),
        ({"keep_steps": "yes"}, "There is no choice of steps to keep 'yes'"),
        ({"outputs": STEPS}, "The output steps needs the steps.npz of a Shap-E job"),
        ({"outputs": STEPS, "model": "mini/point-e", "latent": "steps.npz", "step": 1}, "The output steps needs"),
        ({"model": "mini/point-e", "latent": "latent.npz"}, "has no latent to decode again"),
    ],
)
def test_requests_without_such_a_step_are_refused(choices, message):
    with pytest.raises(BadRequest, match=message):
        request(**choices)


@pytest.mark.parametrize("model", ["mini/shap-e", "mini/point-e", "shap-e/text300M"])
def test_a_step_can_be_taken_from_a_run_or_from_a_file(model):
    assert request(model=model, step=2).step == 2
    assert request(model=model, step=2, latent="steps.npz").latent == "steps.npz"
