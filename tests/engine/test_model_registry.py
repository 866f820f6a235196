# SPDX-License-Identifier: GPL-3.0-or-later
"""Every model of the catalogue can be loaded or reports what is missing."""

import subprocess
import sys
from pathlib import Path

import pytest

from blender_text3d.engine.generate import Engine, Recipe
from blender_text3d.engine.model_registry import MODELS as ENGINE_MODELS
from blender_text3d.engine.model_registry import attribute
from blender_text3d.engine.provenance import weights_sha256
from blender_text3d.engine.three_step.shapes import SHAPES
from blender_text3d.engine.weights.errors import MissingWeights
from blender_text3d.protocol.models import MODELS


def test_requests_and_engine_know_the_same_models():
    assert set(MODELS) == set(ENGINE_MODELS)


@pytest.mark.parametrize("model", ENGINE_MODELS.values(), ids=ENGINE_MODELS)
def test_loader_and_pipeline_of_each_model_are_functions(model):
    assert callable(attribute(model.loader))
    assert callable(attribute(model.pipeline))


def test_the_engine_imports_no_module_of_a_model_before_it_is_loaded():
    code = (
        "import sys; from blender_text3d.engine.generate import Engine; "
        "own = lambda: {name.split('.')[2] for name in sys.modules if name.startswith('blender_text3d.engine.')}; "
        "families = {'shap_e', 'point_e', 'glide', 'reference', 'image', 'conditioning'}; "
        "before = own() & families; Engine().load('mini/shap-e', 'cpu'); print(before, own() & families)"
    )
    process = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert process.stdout.split(" ", 1)[0] == "set()", process.stdout + process.stderr
    assert not {"glide", "reference"} & set(process.stdout.split("'")), process.stdout


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
