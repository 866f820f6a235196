# SPDX-License-Identifier: GPL-3.0-or-later
"""GLIDE's networks beyond the recorded evaluations of tests/parity."""

import pytest
import torch
from torch import nn

from blender_text3d.engine.glide.blocks import GroupNorm
from blender_text3d.engine.glide.unet import TextCondition
from blender_text3d.engine.glide.vocabulary import END
from tests.engine.glide.sizes import SMALL, SMALL_UPSAMPLE, small_networks

TOKENS = torch.tensor([[7, 8, 9, END, END, END], [END] * 6])
MASK = TOKENS != END


def evaluate(transformer, unet, tokens=TOKENS, mask=MASK, **inputs):
    generator = torch.Generator().manual_seed(1)
    size = unet.config.image_size
    x = torch.randn(len(tokens), 3, size, size, generator=generator)
    return unet(x, torch.full((len(tokens),), 500), unet.condition(transformer(tokens, mask)), **inputs)


def test_rows_of_a_batch_do_not_influence_each_other():
    networks = small_networks()
    both = evaluate(*networks)
    alone = evaluate(*networks, TOKENS[:1], MASK[:1])
    assert torch.allclose(both[:1], alone, atol=1e-5)
    assert both.shape == (2, 6, 8, 8)


def test_padding_takes_part_in_attention():
    transformer, _ = small_networks()
    expected = transformer(TOKENS, MASK).xf_out
    transformer.padding_embedding += torch.randn(6, 8)
    changed = (transformer(TOKENS, MASK).xf_out - expected).abs().amax(dim=1)
    assert (changed > 1e-4).all()  # at every place, those of the prompt included


def test_the_token_under_a_false_mask_has_no_influence():
    transformer, unet = small_networks()
    other = TOKENS.clone()
    other[~MASK] = 3
    assert torch.equal(transformer(other, MASK).xf_out, transformer(TOKENS, MASK).xf_out)


def test_the_small_picture_changes_the_enlarged_one():
    networks = small_networks(SMALL_UPSAMPLE)
    outputs = [evaluate(*networks, low_res=torch.full((2, 3, 4, 4), value)) for value in (0.0, 0.5)]
    assert outputs[0].shape == (2, 6, 16, 16)
    assert not torch.allclose(*outputs, atol=1e-3)


def test_a_norm_with_scale_and_shift_in_one_pass_equals_them_one_after_the_other():
    torch.manual_seed(0)
    norm, x = GroupNorm(64), torch.randn(3, 64, 5, 4)
    nn.init.normal_(norm.weight)
    nn.init.normal_(norm.bias)
    scale, shift = torch.randn(2, 3, 64)
    expected = norm(x) * (1 + scale[..., None, None]) + shift[..., None, None]
    assert torch.allclose(norm.modulated(x, norm.modulation(scale, shift)), expected, atol=1e-5)


def test_in_half_precision_the_torsos_convolutions_and_norms_are_half_and_what_is_modulated_is_not():
    _, unet = small_networks()
    unet.to_half()
    kinds = {name: value.dtype for name, value in unet.named_parameters()}
    assert kinds["input_blocks.0.0.weight"] == kinds["middle_block.1.qkv.weight"] == torch.float16
    assert kinds["middle_block.1.encoder_kv.bias"] == kinds["output_blocks.0.0.skip_connection.weight"] == torch.float16
    assert kinds["middle_block.1.norm.weight"] == kinds["middle_block.0.in_layers.0.bias"] == torch.float16
    kept = ("time_embed.", "out.", "middle_block.0.emb_layers.", "middle_block.0.out_layers.0.")
    assert {kinds[name] for name in kinds if name.startswith(kept)} == {torch.float32}


def test_half_precision_gives_float32_close_to_single_precision():
    transformer, unet = small_networks()
    expected = evaluate(transformer, unet)
    output = evaluate(transformer, unet.to_half())
    assert output.dtype == torch.float32
    assert 0 < (output - expected).abs().max() < 0.02 * expected.abs().max()


def test_a_condition_of_the_texts_is_independent_of_the_step():
    transformer, unet = small_networks()
    condition = unet.condition(transformer(TOKENS, MASK))
    assert isinstance(condition, TextCondition)
    assert len(condition.keys_values) == 4  # one on the way down, one in the middle, two on the way up
    heads, size = 64 // SMALL.num_head_channels, SMALL.num_head_channels
    assert condition.keys_values[0].shape == (2, heads, 6, 2 * size)


@pytest.mark.parametrize("config", [SMALL, SMALL_UPSAMPLE])
def test_a_picture_of_another_size_than_in_training_is_possible(config):
    transformer, unet = small_networks(config)
    inputs = {"low_res": torch.zeros(2, 3, 4, 4)} if config.super_res else {}
    condition = unet.condition(transformer(TOKENS, MASK))
    assert unet(torch.zeros(2, 3, 12, 20), torch.tensor([1, 2]), condition, **inputs).shape == (2, 6, 12, 20)
