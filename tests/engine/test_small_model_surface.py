# SPDX-License-Identifier: GPL-3.0-or-later
"""The small model's fields, sampled near their surface only, give the same surface as sampled everywhere."""

import pytest
import torch

from blender_text3d.engine.generate import Engine, Recipe
from blender_text3d.engine.shap_e.colored_field import ColoredField
from blender_text3d.engine.shap_e.field import Field
from blender_text3d.engine.shap_e.pipeline import sample_latents
from blender_text3d.engine.surface import connected_surface, extract_surface
from blender_text3d.engine.surface.grid import grid_points
from blender_text3d.engine.surface.interpolated import connected_interpolated_surface

PROMPTS = ("a red chair", "a white flower", "a golden key", "a black robot")


@pytest.fixture(scope="module")
def fields():
    model = Engine().load("mini/shap-e", "cpu")
    steps = sample_latents(model, [Recipe(prompt, "mini/shap-e", 3, 12, 1.5, 64) for prompt in PROMPTS])
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return [Field(model.decoder, latent) for latent in end.value]


@pytest.mark.parametrize("index", range(len(PROMPTS)), ids=PROMPTS)
@torch.inference_mode()
def test_sparse_and_dense_extraction_agree(fields, index):
    field = fields[index].signed_distance
    (sparse, sparse_faces), (dense, dense_faces) = (extract_surface(field, grid=64, dense=d) for d in (False, True))
    assert torch.equal(sparse_faces, dense_faces)
    assert len(sparse_faces) > 1000
    assert (sparse - dense).abs().max() < 1e-4


@torch.inference_mode()
def test_the_tabulated_lattice_gives_the_fields_own_depths(fields):
    colored, flat = ColoredField(fields[0]), torch.randperm(24**3)[:2000]
    expected = fields[0].channels(grid_points(flat, 24, 1.0), (0,))[:, 0]
    assert (colored.on_lattice(24, 1.0)(flat) - expected).abs().max() < 1e-4 < expected.abs().max()


@pytest.mark.parametrize("index", range(len(PROMPTS)), ids=PROMPTS)
@torch.inference_mode()
def test_the_interpolated_surface_is_closer_to_the_fields_zero_than_the_sampled_one(fields, index):
    field = fields[index]
    sampled, _, before = connected_surface(field.signed_distance, grid=128, levels=[0.0])
    surface, after = connected_interpolated_surface(ColoredField(field), coarse=64, levels=[0.0])
    assert (after.components, after.watertight) == (before.components, before.watertight)
    errors = [field.channels(vertices, (0,)).abs().mean() for vertices in (surface.vertices, sampled)]
    assert errors[0] < 0.6 * errors[1]
    assert 0.9 < len(surface.vertices) / len(sampled) < 1.05


@torch.inference_mode()
def test_the_colors_of_an_interpolated_mesh_are_those_of_the_field_at_its_vertices(fields):
    surface, _ = connected_interpolated_surface(ColoredField(fields[0]), coarse=32, levels=[0.0])
    colors = torch.sigmoid(surface.channels[:, 1:])
    assert (colors - fields[0].color(surface.vertices)).abs().mean() < 0.01
