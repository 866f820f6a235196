# SPDX-License-Identifier: GPL-3.0-or-later
"""Recipes of which an object or its view was made by other weights than this version's."""

import hashlib

import pytest

from blender_text3d.engine.mini.files import SHAP_E_WEIGHTS
from blender_text3d.engine.shap_e.saved_latent import DECODED_BY
from blender_text3d.protocol.earlier_weights import (
    EARLIER_WEIGHTS,
    MINI_GLIDE_OF_37_KINDS,
    changed_weights_notice,
    weights_of,
)

GLIDE = next(sha256 for sha256, model in EARLIER_WEIGHTS.items() if model == MINI_GLIDE_OF_37_KINDS)


def test_the_weights_of_a_recipe_are_those_of_its_object_and_of_its_view():
    assert weights_of({"weights_sha256": "ab", "image_weights_sha256": "cd"}) == ("ab", "cd")
    assert weights_of({"weights_sha256": "ab"}) == ("ab", "")


@pytest.mark.parametrize(
    ("before", "now", "told"),
    [
        (("ab", ""), ("ab", ""), ""),
        (("ab", "cd"), ("ab", "cd"), ""),
        (("", ""), ("ab", "cd"), ""),  # recipes of the first versions name no weights
        (("ab", "cd"), ("xy", "cd"), "The model weights have changed since the object was generated"),
        (("ab", "cd"), ("ab", "xy"), "The model weights have changed since the object was generated"),
        (("ab", GLIDE), ("ab", "xy"), f"The object was made by {MINI_GLIDE_OF_37_KINDS}; this version does not"),
        ((next(iter(EARLIER_WEIGHTS)), GLIDE), ("ab", "xy"), "The object was made by a Mini Shap-E of an earlier"),
        ((GLIDE, GLIDE), ("xy", "xy"), f"The object was made by {MINI_GLIDE_OF_37_KINDS};"),
    ],
)
def test_weights_that_changed_are_told_and_earlier_ones_by_their_model(before, now, told):
    notice = changed_weights_notice(before, now)
    assert notice.startswith(told)
    assert bool(notice) == bool(told)


def test_latents_of_earlier_distilled_weights_have_the_included_decoder():
    assert DECODED_BY.keys() <= EARLIER_WEIGHTS.keys()
    assert set(DECODED_BY.values()) == {hashlib.sha256(SHAP_E_WEIGHTS.read_bytes()).hexdigest()}


def test_included_weights_are_no_earlier_ones():
    included = {
        path: hashlib.sha256(path.read_bytes()).hexdigest() for path in SHAP_E_WEIGHTS.parent.glob("*.safetensors")
    }
    assert len(included) == 9
    assert not [path.name for path, sha256 in included.items() if sha256 in EARLIER_WEIGHTS]
