# SPDX-License-Identifier: GPL-3.0-or-later
"""The small model's fields, sampled near their surface only, give the same surface as sampled everywhere."""

import pytest
import torch

from blender_text3d.engine.generate import Engine, Recipe
from blender_text3d.engine.shap_e.field import Field
from blender_text3d.engine.shap_e.pipeline import sample_latents
from blender_text3d.engine.surface import extract_surface

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
