# SPDX-License-Identifier: GPL-3.0-or-later
"""Every official model on simulated GPUs, tiny and with random weights: finite results, and no wait in a solver."""

import pytest
import torch
import trimesh
from PIL import Image

from blender_text3d.engine.conditioning import official_models
from blender_text3d.engine.generate import Engine, Recipe
from blender_text3d.engine.glide import pictures
from blender_text3d.engine.glide.qualities import Quality, Sampling
from tests.engine.devices.watched import DEVICES, assert_finite, device_of, run, waits_for_noise
from tests.engine.image.drawing import mug
from tests.engine.three_step.tiny_checkpoints import use_tiny_checkpoints

TEXT = ("shap-e/text300M", "point-e/base40M-textvec", "point-e/base40M-uncond")
IMAGE = ("shap-e/image300M", "point-e/base40M", "point-e/base300M", "point-e/base1B", "point-e/base40M-imagevec")
ONE_OF_EACH_KIND = ("shap-e/text300M", "shap-e/image300M", "point-e/base40M-textvec", "point-e/base40M")
FEW_STEPS = {
    "exact": Quality(Sampling("ddpm", "3"), Sampling("ddim", "3")),
    "standard": Quality(*[Sampling("dpm++2m", steps=3, sigma_max=80.0)] * 2),
    "draft": Quality(Sampling("dpm++2m", steps=3, sigma_max=80.0)),
}
SETTINGS = {"seed": 3, "steps": 3, "guidance": 3.0, "grid": 8}


@pytest.fixture(autouse=True)
def weights(tmp_path, monkeypatch):
    use_tiny_checkpoints(monkeypatch, tmp_path / "weights")
    monkeypatch.setattr(pictures, "QUALITIES", FEW_STEPS)
    yield
    official_models.forget_clip()


@pytest.fixture
def picture(tmp_path):
    path = tmp_path / "mug.png"
    mug(size=(160, 120)).save(path)
    return path


def recipe(model, kind, **choices):
    outputs = "cloud" if "point-e" in model else "mesh"  # random weights have no surface that is sure to be there
    return Recipe("a red mug", model, device=kind, **{"outputs": outputs} | SETTINGS | choices)


@pytest.mark.parametrize(
    ("model", "solver", "every"),
    [*((model, "dpm++2m", 2) for model in TEXT + IMAGE), *((model, "heun", 1) for model in ONE_OF_EACH_KIND)],
)
@pytest.mark.parametrize("kind", DEVICES)
def test_a_model_samples_finite_numbers_and_no_step_waits(kind, model, solver, every, picture):
    choices = {"solver": solver, "guidance_every": every, "image": picture if model in IMAGE else None}
    with device_of(kind) as counts:
        done = run(counts, *(recipe(model, kind, seed=seed, **choices) for seed in (3, 4)))
    for result in done.results:
        assert_finite(result)
        assert result.device == kind
    assert set(done.evaluated.values()) == {3}
    has_churn = solver == "heun" and "point-e" in model
    assert done.waits == waits_for_noise(kind, 3 if has_churn else 0, first="shap-e" in model)


@pytest.mark.parametrize("kind", DEVICES)
def test_the_large_networks_are_in_half_precision_on_cuda_only(kind):
    with device_of(kind):
        shap_e, point_e = (Engine().load(name, kind) for name in ("shap-e/text300M", "point-e/base40M-uncond"))
        dtype = torch.float16 if kind == "cuda" else torch.float32
        assert {value.dtype for value in shap_e.prior.parameters()} == {dtype}
        assert {value.dtype for value in shap_e.decoder.parameters()} == {torch.float32}
        assert point_e.precision == dtype


@pytest.mark.parametrize("quality", ["exact", "standard", "draft"])
@pytest.mark.parametrize("kind", DEVICES)
def test_glide_makes_finite_views_of_every_quality_and_no_step_waits(kind, quality):
    with device_of(kind) as counts:
        settings = {"image_model": "glide", "quality": quality, "candidates": 2, "outputs": "view"}
        done = run(counts, recipe("point-e/three-step", kind, **settings))
    (views,) = [step.candidates for _, step in done.steps if step.candidates is not None]
    side = 16 if quality == "draft" else 32
    assert views.shape == (2, side, side, 3)
    assert len(set(views[0].flatten().tolist())) > 3
    assert set(done.evaluated.values()) == {3}
    assert done.waits == waits_for_noise(kind, 2 * 2 if quality == "exact" else 0)


@pytest.mark.parametrize("kind", DEVICES)
@pytest.mark.parametrize("model", ["point-e/three-step", "shap-e/three-step"])
def test_a_view_becomes_an_object(kind, model):
    with device_of(kind) as counts:
        done = run(counts, recipe(model, kind, image_model="glide", quality="draft", candidates=2))
    assert_finite(done.results[0])
    (choice,) = [step.choice for _, step in done.steps if step.choice]
    assert choice.scored_by == "CLIP"


@pytest.mark.parametrize("kind", DEVICES)
def test_the_encoder_encodes_an_object_that_its_decoder_decodes_and_renders(kind, tmp_path):
    trimesh.creation.box((2, 4, 1)).export(tmp_path / "box.glb")
    with device_of(kind) as counts:
        choices = {"object": tmp_path / "box.glb", "outputs": "mesh", "views": 1, "view_size": 8, "view_mode": "nerf"}
        done = run(counts, recipe("shap-e/encoder", kind, **choices))
    assert_finite(done.results[0])
    assert done.results[0].views.images.shape == (1, 8, 8, 4)


def test_a_cloud_becomes_a_mesh_on_both_devices(picture):
    for kind in DEVICES:
        with device_of(kind) as counts:
            done = run(counts, recipe("point-e/base40M", kind, image=picture, outputs="both"))
            assert_finite(done.results[0])
            sections = [step.distances() for _, step in done.steps if step.distances]
        assert Image.fromarray(sections[0] > 0).size == sections[0].shape
