# SPDX-License-Identifier: GPL-3.0-or-later
"""Settings of the view, the first of three steps: which fit together, and what is said about those that do not."""

import pytest

from blender_text3d.protocol.errors import BadRequest
from blender_text3d.protocol.models import IMAGE_MODELS, MODELS, THREE_STEP
from blender_text3d.protocol.request import make_requests

DIFFUSERS = {"image_model": "diffusers", "image_model_source": "maker/pipeline"}


def request_of(**choices):
    (request,) = make_requests("a red chair", **{"model": "shap-e/three-step", **choices})
    return request


@pytest.mark.parametrize("model", [model.name for model in THREE_STEP])
@pytest.mark.parametrize(
    "choices",
    [{}, {"candidates": 4}, {"candidates": 9, "outputs": "view"}, {"image_model": "mini/glide"}, DIFFUSERS,
     {**DIFFUSERS, "negative_prompt": "legs"}, {**DIFFUSERS, "image_size": 512},
     {"image": "view_2.png", "candidates": 4}],
)  # fmt: skip
def test_a_three_step_model_takes_them(model, choices):
    request = request_of(model=model, **choices)
    assert {name: getattr(request, name) for name in choices} == choices


@pytest.mark.parametrize(
    ("choices", "sentence"),
    [
        ({"candidates": 2}, "There is no number of candidates 2. Choose one of: 1, 4, 9."),
        ({"image_model": "dall-e"}, "There is no image model 'dall-e'. Choose one of: mini/glide, glide, diffusers."),
        ({"model": "mini/shap-e", "image_model": "glide"},
         "Mini Shap-E makes no view, so it takes no image model. Choose a three-step model."),
        ({"model": "point-e/base40M-textvec", "candidates": 4},
         "Point-E makes no view, so it takes no number of candidates. Choose a three-step model."),
        ({"model": "shap-e/text300M", "outputs": "view"},
         "Shap-E makes no view of the prompt. Choose a three-step model."),
        ({"negative_prompt": "legs"},
         "The image model glide takes no negative prompt. Leave it out, or choose diffusers."),
        ({"model": "mini/three-step", "negative_prompt": "legs"},
         "The image model mini/glide takes no negative prompt. Leave it out, or choose diffusers."),
        ({**DIFFUSERS, "negative_prompt": "two\nlines"}, "The negative prompt is not one line of text. "
         "Write it on one line."),
        ({"image_size": 512}, "The size of the view is for diffusers pipelines, a multiple of 64 pixels. "
         "Choose another."),
        ({**DIFFUSERS, "image_size": 500}, "The size of the view is for diffusers pipelines, a multiple of 64 pixels. "
         "Choose another."),
        ({"image_model": "diffusers"}, "The image model diffusers, and no other, needs a folder or a hub name. "
         "Give both or neither."),
        ({"image_model_source": "maker/pipeline"}, "The image model diffusers, and no other, needs a folder or a hub "
         "name. Give both or neither."),
        ({"outputs": "view", "image": "view.png"}, "The output view ends before an object is made, and needs no image. "
         "Choose another output."),
        ({"outputs": "view", "views": 3}, "The output view ends before an object is made, and needs no image. "
         "Choose another output."),
    ],
)  # fmt: skip
def test_settings_that_do_not_fit_are_refused_in_a_sentence(choices, sentence):
    with pytest.raises(BadRequest) as refusal:
        request_of(**choices)
    assert str(refusal.value) == sentence


def test_a_three_step_model_has_an_image_model_and_no_other_has():
    assert {model.image_model for model in THREE_STEP} <= {*IMAGE_MODELS}
    assert {name for name, model in MODELS.items() if model.image_model} == {model.name for model in THREE_STEP}
