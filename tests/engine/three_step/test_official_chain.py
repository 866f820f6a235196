# SPDX-License-Identifier: GPL-3.0-or-later
"""Prompt to view to object with GLIDE, CLIP, Point-E and Shap-E, in tiny sizes and with random weights."""

import gc
from weakref import ref

import numpy as np
import pytest
import torch
from PIL import Image

from blender_text3d.engine.conditioning import official_models
from blender_text3d.engine.generate import Engine, Recipe
from blender_text3d.engine.glide.pictures import InvalidPicture
from blender_text3d.engine.provenance import image_weights_sha256, weights_sha256
from blender_text3d.engine.three_step import chain
from blender_text3d.engine.weights.errors import BrokenWeights, MissingWeights
from blender_text3d.engine.weights.loading.load_network import checkpoint_sha256
from tests.engine.three_step.painted import use_painted_images
from tests.engine.three_step.tiny_checkpoints import NETWORKS, use_tiny_checkpoints, write_checkpoint
from tests.engine.weights.run_steps import run_steps

SETTINGS = {"steps": 2, "guidance": 3.0, "grid": 8, "device": "cpu", "outputs": "cloud", "quality": "draft"}


@pytest.fixture
def weights(tmp_path, monkeypatch):
    use_tiny_checkpoints(monkeypatch, tmp_path / "weights")
    yield tmp_path / "weights"
    official_models.clip_image_tower.cache_clear()


def recipe(model="point-e/three-step", prompt="a red chair", image_model="glide", **choices):
    return Recipe(prompt, model=model, image_model=image_model, **{"seed": 3, **SETTINGS} | choices)


def run(*recipes, engine=None):
    steps, results = run_steps((engine or Engine()).generate_batch(recipes))
    return [step for index, step in steps if index == 0], results


def notices(steps):
    return " ".join(step.notice for step in steps if step.notice)


def stages(steps):
    return list(dict.fromkeys(step.stage for step in steps))


@pytest.mark.parametrize(("quality", "enlarges", "side"), [("draft", [], 16), ("standard", ["enlarge"], 32)])
def test_point_e_makes_a_cloud_of_glides_view(weights, quality, enlarges, side):
    steps, (result,) = run(recipe(quality=quality))
    assert stages(steps) == ["load", "image", *enlarges, "choose", "read", "points", "upsample", "mesh", "made"][
        :-2
    ] + ["made"]
    assert len(result.cloud.points) == 12 + 20
    (view,) = [step.candidates for step in steps if step.candidates is not None]
    assert view.shape == (1, side, side, 3)
    assert 'The view is made of: "a 3d render of a red chair, white background".' in notices(steps)


def test_shap_e_decodes_a_latent_of_glides_view(weights):
    steps, (result,) = run(recipe("shap-e/three-step", outputs="mesh"))
    assert stages(steps) == ["load", "image", "choose", "sample", "mesh", "made"]
    assert result.latent.shape == (32,)
    seen = next(step.input_image for step in steps if step.input_image is not None)
    assert seen.shape == (28, 28, 3)


@pytest.mark.parametrize("model", ["point-e/three-step", "shap-e/three-step"])
def test_clip_chooses_the_most_similar_view_and_the_object_is_that_of_its_file(weights, model, tmp_path):
    steps, (result,) = run(recipe(model, candidates=4))
    (choice,) = [step.choice for step in steps if step.choice]
    (views,) = [step.candidates for step in steps if step.candidates is not None]
    assert choice.scored_by == "CLIP"
    assert choice.index == int(np.argmax(choice.scores))
    assert len(set(choice.scores)) == 4
    Image.fromarray(views[choice.index]).save(tmp_path / "view.png")
    _, (of_file,) = run(recipe(model, image=tmp_path / "view.png", image_model="", candidates=1))
    made = (result.latent, of_file.latent) if "shap" in model else (result.cloud.points, of_file.cloud.points)
    assert np.array_equal(*made)


def test_without_clip_the_first_view_is_taken_and_told(tmp_path, monkeypatch):
    use_tiny_checkpoints(monkeypatch, tmp_path, ("glide/base",))
    steps, _ = run(recipe(candidates=4, outputs="view"))
    assert "the first of 4 views, because CLIP, which compares them with the prompt, is not on" in notices(steps)


def test_one_models_networks_are_freed_before_those_of_the_next_are_read(weights, monkeypatch):
    alive = []
    (painted,) = [use_painted_images(monkeypatch, "glide")]
    load = chain.ThreeStep._load

    def watched(model):
        alive.append([image_model.closed for image_model in painted])
        return load(model)

    monkeypatch.setattr(chain.ThreeStep, "_load", watched)
    engine = Engine()
    run(recipe(seed=1), engine=engine)
    assert alive == [[1]]
    (model,) = engine._loaded.values()
    assert model._loaded is None


def test_clip_is_freed_with_the_job(weights, monkeypatch):
    towers, load = [], official_models.load_network

    def remembered(*args, **kwargs):
        loaded = load(*args, **kwargs)
        towers.append(ref(loaded.network))
        return loaded

    monkeypatch.setattr(official_models, "load_network", remembered)
    engine = Engine()
    run(recipe(candidates=4), engine=engine)
    gc.collect()
    assert towers
    assert not any(tower() for tower in towers)


def test_the_recipe_has_the_hashes_of_both_files_without_loading_them(weights):
    model = Engine().load("point-e/three-step", "cpu")
    assert weights_sha256(model, recipe()) == checkpoint_sha256("point-e/base40M") == model.sha256
    assert image_weights_sha256(model, recipe()) == checkpoint_sha256("glide/base")
    assert model._loaded is None


@pytest.mark.parametrize(
    ("choices", "absent"),
    [
        ({}, ["glide/base", "clip/ViT-L-14", "point-e/base40M", "point-e/upsample", "point-e/sdf"]),
        ({"quality": "standard"}, ["glide/base", "glide/upsample", "clip/ViT-L-14"]),
        ({"image": "a.png"}, ["clip/ViT-L-14", "point-e/base40M"]),
        ({"outputs": "view"}, ["glide/base"]),
    ],
)
def test_all_files_that_a_recipe_needs_and_no_others_are_named_if_they_are_missing(
    tmp_path, monkeypatch, choices, absent
):
    monkeypatch.setenv("BLENDER_TEXT3D_WEIGHTS", str(tmp_path))
    with pytest.raises(MissingWeights) as missing:
        weights_sha256(Engine().load("point-e/three-step", "cpu"), recipe(**choices))
    assert list(missing.value.names)[: len(absent)] == absent
    assert ("glide/base" in missing.value.names) == ("image" not in choices)
    assert ("glide/upsample" in missing.value.names) == (choices.get("quality") == "standard")
    assert ("point-e/sdf" in missing.value.names) == (choices.get("outputs") != "view")


def half(tensors):
    return dict(list(tensors.items())[: len(tensors) // 2])


def inpainting(tensors):
    first = tensors["input_blocks.0.0.weight"]
    return {**tensors, "input_blocks.0.0.weight": torch.zeros(len(first), 7, 3, 3)}


@pytest.mark.parametrize(
    ("damage", "problem"),
    [
        (half, "base.pt belongs to another network"),
        (lambda tensors: NETWORKS["point-e/base40M"](), "base.pt belongs to another network"),
        (inpainting, "base.pt"),
    ],
)
def test_half_a_checkpoint_another_network_and_the_inpainting_one_are_refused_before_the_run(
    weights, monkeypatch, damage, problem
):
    torch.save(damage(NETWORKS["glide/base"]()), weights / "glide/base.pt")
    with pytest.raises(BrokenWeights, match=problem):
        run(recipe())


def test_numbers_that_are_not_finite_stop_the_run_and_name_the_checkpoint(weights):
    tensors = NETWORKS["glide/base"]()
    tensors["out.2.bias"] = torch.full_like(tensors["out.2.bias"], float("nan"))
    write_checkpoint("glide/base", weights, tensors)
    with pytest.raises(InvalidPicture, match="of glide/base. Download that checkpoint again"):
        run(recipe())


def test_a_prompt_of_200_words_is_told_and_the_object_is_made(weights):
    steps, (result,) = run(recipe(prompt="chair " * 200))
    assert "GLIDE reads; this was dropped: 'chair chair" in notices(steps)
    assert len(result.cloud.points) == 32
