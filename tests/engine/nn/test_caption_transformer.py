# SPDX-License-Identifier: GPL-3.0-or-later
"""The small models' transformer, conditioned on a caption's words and vector."""

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


def output(network, condition):
    x = torch.randn(len(condition), 4, 6, generator=torch.Generator().manual_seed(1))
    return network(x, torch.full((len(condition),), 500), condition)


def test_every_word_changes_the_output(network):
    caption = torch.randn(1, 8, 4)
    expected = output(network, caption)
    for word in (1, 2, 3):
        without = caption.clone()
        without[:, :, word] = 0
        assert (output(network, without) - expected).abs().max() > 1e-5


def test_all_other_tensors_are_those_of_the_vector_conditioned_network(network):
    plain = CLIPImagePointDiffusionTransformer(SIZE).state_dict()
    added = set(network.state_dict()) - set(plain)
    assert set(plain) <= set(network.state_dict())
    assert {name.split(".")[0] for name in added} == {"word_embed"}


def test_captions_of_a_batch_do_not_affect_each_other(network):
    captions = torch.randn(2, 8, 4)
    x = torch.randn(1, 4, 6).expand(2, -1, -1)
    t = torch.tensor([300, 300])
    together = network(x, t, captions)
    for index in (0, 1):
        alone = network(x[:1], t[:1], captions[index : index + 1])
        assert torch.allclose(together[index], alone[0], atol=1e-5)
