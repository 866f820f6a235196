# SPDX-License-Identifier: GPL-3.0-or-later
"""Comparisons: two requests of one prompt, one for each model family."""

from dataclasses import replace

import pytest

from blender_text3d.protocol.comparison import comparison_requests, counterpart
from blender_text3d.protocol.errors import BadRequest
from blender_text3d.protocol.models import MODELS

TEXT_PAIR = ("point-e/base40M-textvec", "shap-e/text300M")
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
    assert {model for model in MODELS if counterpart(model) == MINI_PAIR} == set(MINI_PAIR)


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
