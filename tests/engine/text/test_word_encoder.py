# SPDX-License-Identifier: GPL-3.0-or-later
"""The word encoder gives one embedding of the prompt and one of each word."""

import pytest
import torch

from blender_text3d.engine.text.word_encoder import WordEncoder, WordEncoderConfig


@pytest.fixture
def encoder():
    torch.manual_seed(0)
    return WordEncoder(WordEncoderConfig(words=9, n_ctx=5, width=16, layers=1, heads=2, output_channels=8)).eval()


def test_the_prompts_embedding_comes_first_and_has_unit_length(encoder):
    caption = encoder(torch.tensor([[3, 1, 4, 0, 0]]))
    assert caption.shape == (1, 8, 6)
    assert caption[0, :, 0].norm().item() == pytest.approx(1.0, abs=1e-5)


def test_padding_is_zero_and_words_are_not(encoder):
    caption = encoder(torch.tensor([[3, 1, 4, 0, 0]]))
    assert (caption[0, :, 4:] == 0).all()
    assert (caption[0, :, 1:4].norm(dim=0) > 0).all()


def test_a_words_embedding_depends_on_its_neighbors(encoder):
    legs = [encoder(torch.tensor([[color, 7, 0, 0, 0]]))[0, :, 2] for color in (1, 2)]
    assert (legs[0] - legs[1]).abs().max() > 1e-4


def test_the_order_of_words_matters(encoder):
    one, other = (encoder(torch.tensor([words])) for words in ([1, 5, 2, 6, 0], [2, 5, 1, 6, 0]))
    assert (one[0, :, 0] - other[0, :, 0]).abs().max() > 1e-5


def test_the_prompts_embedding_is_that_of_the_mean_of_its_words(encoder):
    ids = torch.tensor([[3, 1, 4, 0, 0], [2, 0, 0, 0, 0]])
    hidden = encoder.ln_final(encoder.transformer(encoder.token_embedding(ids) + encoder.positional_embedding))
    for row, count in ((0, 3), (1, 1)):
        mean = encoder.text_projection(hidden[row, :count].mean(0))
        torch.testing.assert_close(encoder(ids)[row, :, 0], mean / mean.norm())
        torch.testing.assert_close(encoder(ids)[row, :, 1], encoder.text_projection(hidden[row, 0]))


def test_a_prompt_without_words_has_finite_embeddings(encoder):
    caption = encoder(torch.zeros(1, 5, dtype=torch.long))
    assert caption.isfinite().all()
    assert (caption[0, :, 1:] == 0).all()


def test_the_default_encoder_has_the_size_of_the_shipped_one():
    config = WordEncoderConfig(words=9)
    assert (config.n_ctx, config.width, config.layers, config.heads, config.output_channels) == (12, 128, 2, 4, 128)
    assert WordEncoder(config).token_embedding.num_embeddings == 10
