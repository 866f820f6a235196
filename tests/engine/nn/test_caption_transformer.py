# SPDX-License-Identifier: GPL-3.0-or-later
"""The small models' transformer reads a caption's words beside its vector."""

import pytest
import torch

from blender_text3d.engine.nn.point_transformer import (
    CaptionPointDiffusionTransformer,
    CLIPImagePointDiffusionTransformer,
    PointTransformerConfig,
)

SIZE = PointTransformerConfig(4, 4, n_ctx=6, width=16, layers=2, heads=2, condition_channels=8, condition_added=True)


@pytest.fixture
def network():
    torch.manual_seed(0)
    return CaptionPointDiffusionTransformer(SIZE).eval()


def outcome(network, condition):
    x = torch.randn(len(condition), 4, 6, generator=torch.Generator().manual_seed(1))
    return network(x, torch.full((len(condition),), 500), condition)


def test_every_word_counts(network):
    caption = torch.randn(1, 8, 4)
    said = outcome(network, caption)
    for word in (1, 2, 3):
        without = caption.clone()
        without[:, :, word] = 0
        assert (outcome(network, without) - said).abs().max() > 1e-5


def test_the_rest_is_the_vectors_network_tensor_for_tensor(network):
    plain = CLIPImagePointDiffusionTransformer(SIZE).state_dict()
    added = set(network.state_dict()) - set(plain)
    assert set(plain) <= set(network.state_dict())
    assert {name.split(".")[0] for name in added} == {"word_embed"}


def test_captions_of_a_batch_do_not_touch_each_other(network):
    captions = torch.randn(2, 8, 4)
    x = torch.randn(1, 4, 6).expand(2, -1, -1)
    t = torch.tensor([300, 300])
    together = network(x, t, captions)
    for which in (0, 1):
        alone = network(x[:1], t[:1], captions[which : which + 1])
        assert torch.allclose(together[which], alone[0], atol=1e-5)
