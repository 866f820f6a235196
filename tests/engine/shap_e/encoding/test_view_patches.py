# SPDX-License-Identifier: GPL-3.0-or-later
"""Patches by one product against the two convolutions that it replaces."""

import pytest
import torch

from blender_text3d.engine.nn.embedding import positional_encoding
from blender_text3d.engine.shap_e.encoding.encoder_inputs import pixel_positions
from blender_text3d.engine.shap_e.encoding.view_patches import PatchProjection, is_opaque
from tests.engine.shap_e.encoding.small_encoder import CONFIG, objects, transmitter


def by_two_convolutions(image, alpha, origin, position):
    encoder = transmitter().encoder
    pixels = [image / 127.5 - 1, origin.expand(16, 16, 3), position.permute(1, 2, 0)]
    encoded = torch.cat([positional_encoding(part, CONFIG.octaves) for part in pixels], dim=2)
    encoded = torch.where(is_opaque(alpha)[..., None], encoded, encoder.mv_pcl_embed.unk_token)
    embedded = encoder.mv_pcl_embed(encoded.permute(2, 0, 1)[None])
    return encoder.patch_emb(embedded)[0].flatten(1).T


@pytest.mark.parametrize("shown", [0.0, 0.02, 0.5, 1.0])
def test_one_product_gives_what_both_convolutions_give_borders_included(shown):
    inputs, encoder = objects(shown=shown), transmitter().encoder
    origin, position = pixel_positions(inputs.cameras[0, :1], inputs.depths[0, :1], 9.0)
    view = inputs.images[0, 0], inputs.alphas[0, 0], origin[0], position[0]
    with torch.no_grad():
        tokens = PatchProjection(encoder.mv_pcl_embed, encoder.patch_emb, CONFIG).tokens(*view)
        expected = by_two_convolutions(*view)
    assert tokens.shape == (16, CONFIG.width)
    assert torch.allclose(tokens, expected, atol=2e-5)


def test_a_nearly_opaque_pixel_counts_as_background():
    assert is_opaque(torch.tensor([0, 254, 255], dtype=torch.uint8)).tolist() == [False, False, True]


def test_a_surface_straight_ahead_is_at_its_depth():
    inputs = objects()
    _, position = pixel_positions(inputs.cameras[0, :1], torch.full((1, 3, 3), 2.5), 9.0)
    assert torch.allclose(position[0, :, 1, 1], torch.tensor([0.0, -1.5, 0.0]), atol=1e-6)
    assert torch.allclose(position[0, 1], torch.tensor(-1.5))  # depths are along the axis, not along the ray
    assert position[0, 0, 1, 2] > 0 > position[0, 2, 2, 1]
    _, beyond = pixel_positions(inputs.cameras[0, :1], torch.full((1, 3, 3), torch.inf), 9.0)
    assert torch.allclose(beyond[0, 1], torch.tensor(5.0))
