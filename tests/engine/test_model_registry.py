# SPDX-License-Identifier: GPL-3.0-or-later
"""Every model of the catalogue can be loaded or reports what is missing."""

from pathlib import Path

import pytest

from blender_text3d.engine.generate import Engine, Recipe
from blender_text3d.engine.model_registry import MODELS as ENGINE_MODELS
from blender_text3d.engine.provenance import weights_sha256
from blender_text3d.engine.three_step.chain import SHAPES
from blender_text3d.engine.weights.errors import MissingWeights
from blender_text3d.protocol.models import MODELS


def test_requests_and_engine_know_the_same_models():
    assert set(MODELS) == set(ENGINE_MODELS)


@pytest.mark.parametrize("name", [name for name in MODELS if not name.startswith(("mini/", "reference/"))])
def test_an_official_model_without_its_weights_names_the_missing_files(name, tmp_path, monkeypatch):
    monkeypatch.setenv("BLENDER_TEXT3D_WEIGHTS", str(tmp_path))
    recipe = Recipe("a chair", name, seed=1, steps=4, guidance=1.0, grid=32, image_model="glide")
    with pytest.raises(MissingWeights, match=SHAPES.get(name, name)):
        weights_sha256(Engine().load(name, "cpu"), recipe)


@pytest.mark.parametrize("name", ["shap-e/text300M", "shap-e/image300M", "shap-e/encoder"])
def test_an_object_without_any_weights_names_the_encoder_with_the_other_files(name, tmp_path, monkeypatch):
    monkeypatch.setenv("BLENDER_TEXT3D_WEIGHTS", str(tmp_path))
    recipe = Recipe("a chair", name, seed=1, steps=4, guidance=1.0, grid=32, object=Path("chair.glb"), vary=0.4)
    with pytest.raises(MissingWeights) as refused:
        list(Engine().generate(recipe))
    assert set(refused.value.names) >= {name, "shap-e/encoder"}
    assert len(set(refused.value.names)) == len(refused.value.names)
