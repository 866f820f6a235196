# SPDX-License-Identifier: GPL-3.0-or-later
"""Comparisons: two requests of one prompt, one for each model family."""

import re
from dataclasses import replace

import pytest

from blender_text3d.protocol.comparison import comparison_notice, comparison_requests, counterpart
from blender_text3d.protocol.errors import BadRequest
from blender_text3d.protocol.models import MODELS

TEXT_PAIR = ("point-e/base40M-textvec", "shap-e/text300M")
IMAGE_PAIR = ("point-e/base40M", "shap-e/image300M")
MINI_PAIR = ("mini/point-e", "mini/shap-e")


@pytest.mark.parametrize("model", MODELS)
def test_every_model_has_a_pair_of_both_families(model):
    first, second = counterpart(model)
    assert "point-e" in first
    assert "shap-e" in second
    assert first in MODELS
    assert second in MODELS
    if model in (*TEXT_PAIR, *MINI_PAIR):
        assert model in (first, second)


def test_the_small_models_are_compared_with_each_other_and_no_other_model_with_them():
    assert {model for model in MODELS if counterpart(model) == MINI_PAIR} == {*MINI_PAIR, "mini/three-step"}


@pytest.mark.parametrize("model", MODELS)
def test_a_model_that_is_not_compared_itself_is_named(model):
    notice = comparison_notice(model)
    assert bool(notice) == (model not in counterpart(model))
    assert ("make no view" in notice) == (model == "mini/three-step")


@pytest.mark.parametrize("model", MINI_PAIR)
def test_each_small_model_gets_its_own_sampling(model):
    requests = comparison_requests("a red chair", model=model, outputs="both")
    assert tuple(request.model for request in requests) == MINI_PAIR
    usual = [MODELS[request.model].qualities[request.quality] for request in requests]
    assert [(r.steps, r.guidance, r.grid) for r in requests] == [(u.steps, u.guidance, u.grid) for u in usual]


def test_the_two_share_prompt_seed_and_name_and_each_has_its_own_guidance():
    first, second = comparison_requests("a red chair", model="shap-e/text300M", seed=5, grid=64)
    assert (first.model, second.model) == TEXT_PAIR
    assert first.comparison == second.comparison != ""
    assert (first.prompt, first.seed, first.grid) == (second.prompt, second.seed, second.grid) == ("a red chair", 5, 64)
    assert first.guidance != second.guidance


def test_the_two_share_a_seed_that_was_drawn_for_them():
    first, second = comparison_requests("a red chair", model="shap-e/text300M")
    assert first.seed == second.seed


def test_two_comparisons_have_different_names():
    names = {comparison_requests("a red chair", model="shap-e/text300M")[0].comparison for _ in range(3)}
    assert len(names) == 3


def test_a_comparison_with_an_invalid_name_is_refused():
    (request, _) = comparison_requests("a red chair", model="shap-e/text300M")
    with pytest.raises(BadRequest, match="comparison"):
        replace(request, comparison="../x")


@pytest.mark.parametrize(
    ("model", "pair"),
    [
        ("shap-e/text300M", TEXT_PAIR),
        ("point-e/base40M-textvec", TEXT_PAIR),
        ("reference/shap-e-text", TEXT_PAIR),
        ("reference/point-e-text", TEXT_PAIR),
        ("point-e/base40M-uncond", TEXT_PAIR),
        ("shap-e/image300M", IMAGE_PAIR),
        ("point-e/base40M", IMAGE_PAIR),
        ("point-e/base300M", IMAGE_PAIR),
        ("point-e/base40M-imagevec", IMAGE_PAIR),
        ("reference/shap-e-image", IMAGE_PAIR),
    ],
)
def test_a_model_is_compared_in_its_own_pair_or_in_the_one_with_the_same_inputs(model, pair):
    assert counterpart(model) == pair


def test_a_comparison_is_of_one_object_whatever_count_was_chosen():
    first, second = comparison_requests("a red chair", model="mini/shap-e", count=5)
    assert (first.model, second.model) == MINI_PAIR


def test_a_comparison_has_a_name_that_a_request_accepts():
    (request, _) = comparison_requests("a red chair", model="mini/shap-e")
    assert re.fullmatch("comparison-[0-9a-f]{8}", request.comparison)


def test_the_other_choices_hold_for_both():
    requests = comparison_requests("a red chair", model="mini/point-e", quality="draft", size_m=2.0, turn_deg=90)
    assert [(r.quality, r.size_m, r.rotation_deg) for r in requests] == [("draft", 2.0, 90)] * 2
    assert [r.steps for r in requests] == [MODELS[model].qualities["draft"].steps for model in MINI_PAIR]


def test_the_prompt_of_an_image_comparison_is_the_name_of_the_image():
    requests = comparison_requests("", model="shap-e/image300M", image="/somewhere/old chair.png")
    assert [(r.prompt, r.image) for r in requests] == [("old chair", "/somewhere/old chair.png")] * 2
