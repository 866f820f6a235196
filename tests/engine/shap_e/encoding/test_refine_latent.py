# SPDX-License-Identifier: GPL-3.0-or-later
"""Latents that are optimized on the points of their object."""

import pytest
import torch

from blender_text3d.engine.shap_e.encoding.refine_latent import ROUNDS, SHARPNESS, SPACING, Target, refined_latent
from blender_text3d.engine.shap_e.mini import MiniShapE
from blender_text3d.system.run_steps import run_steps
from scripts.training.evaluate.shap_e import sample_prompt_latents
from scripts.training.train.decoded_objects import surface_of


@pytest.fixture(scope="module")
def model():
    return MiniShapE.load(torch.device("cpu"))


@pytest.fixture(scope="module")
def chair(model):
    """A chair's latent, points of its surface with their colors, and points around it with their distances."""
    latent = sample_prompt_latents(model, "a red chair", [3], None, 1.0)[0].clone()
    torch.manual_seed(0)
    with torch.no_grad():
        points, colors = surface_of(model.decoder, latent[None].expand(4, -1))
        cube = torch.rand(8192, 3) * 2 - 1
        distances = model.decoder(latent[None], cube[None])[0, :, 0] / SHARPNESS
    return latent, points.flatten(0, 1), colors.flatten(0, 1), cube, distances


def refine(model, latent, *target, seed=0):
    return run_steps(refined_latent(model.decoder, latent, Target(*target), seed))


def test_the_field_is_that_of_the_training_and_that_of_points_is_a_little_nearer():
    target = Target(*[torch.zeros(1, 3)] * 3, torch.tensor([0.5, -0.5, 0.02 + SPACING, 0.5 * SPACING, -0.02 - SPACING]))
    expected = torch.tanh(SHARPNESS * torch.tensor([0.5 - SPACING, SPACING - 0.5, 0.02, 0, -0.02]))
    assert torch.allclose(target.field(), expected, atol=1e-6)


def test_a_latent_comes_nearer_to_its_object(model, chair):
    latent, points, colors, *around = chair
    generator = torch.Generator().manual_seed(1)
    guess = (latent + 0.1 * torch.randn(latent.shape, generator=generator)).clamp(-1, 1)
    refined = refine(model, guess, points, colors, *around)
    with torch.inference_mode():
        before, after = (model.decoder(some[None], points[None])[0] for some in (guess, refined))
    assert after[:, 0].abs().mean() < 0.5 * before[:, 0].abs().mean()
    errors = [(channels[:, 3:6].sigmoid() - colors).abs().mean() for channels in (before, after)]
    assert errors[1] < 0.7 * errors[0]
    assert refined.abs().max() <= 1


def test_other_colors_are_taken_over_and_the_shape_stays(model, chair):
    latent, points, red, *around = chair
    brown = 0.5 * red + 0.5 * torch.tensor([0.4, 0.4, 0.2])
    refined = refine(model, latent, points, brown, *around)
    cube = torch.rand(4000, 3, generator=torch.Generator().manual_seed(2)) * 2 - 1
    with torch.inference_mode():
        colors = model.decoder(refined[None], points[None])[0, :, 3:6].sigmoid()
        error, before = ((some - brown).abs().mean() for some in (colors, red))
        inside, was_inside = (model.decoder(some[None], cube[None])[0, :, 0] > 0 for some in (refined, latent))
    assert error < 0.5 * before
    assert (inside == was_inside).float().mean() > 0.98


def test_it_takes_rounds_and_the_seed_decides_the_points(model, chair):
    latent, *target = chair
    assert list(refined_latent(model.decoder, latent, Target(*target), 0)) == list(range(1, ROUNDS + 1))
    one, same, other = (refine(model, *chair, seed=seed) for seed in (1, 1, 2))
    assert torch.equal(one, same)
    assert not torch.equal(one, other)


def test_a_latent_of_inference_mode_is_refined_as_well(model, chair):
    """The worker samples and encodes in inference mode, whose tensors autograd does not take."""
    with torch.inference_mode():
        inside = refine(model, *(value.clone() for value in chair))
    assert torch.equal(inside, refine(model, *chair))
