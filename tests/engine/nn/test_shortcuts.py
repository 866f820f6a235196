# SPDX-License-Identifier: GPL-3.0-or-later
"""Shortcuts that save work: each against the plain computation, within 1e-5 of the largest value."""

import math

import pytest
import torch

from blender_text3d.engine.diffusion.denoiser import guided_denoiser
from blender_text3d.engine.diffusion.schedule import Schedule
from blender_text3d.engine.nn.perceiver import SimplePerceiver
from blender_text3d.engine.nn.point_transformer import (
    CLIPImageGridPointDiffusionTransformer,
    CLIPImagePointDiffusionTransformer,
    PointTransformerConfig,
)
from blender_text3d.engine.nn.transformer import MultiheadAttention, Transformer
from blender_text3d.engine.point_e.configs import CHANNEL_BIASES, CHANNEL_SCALES, IMAGE_CELLS
from blender_text3d.engine.point_e.upsampler import CLIPImageGridUpsamplePointDiffusionTransformer, UpsamplerConfig

WIDTH, HEADS, LAYERS, CHANNELS = 48, 4, 3, 20
SIZE = dict(input_channels=6, output_channels=12, width=WIDTH, layers=LAYERS, heads=HEADS, condition_channels=CHANNELS)
T = torch.tensor([5, 800])


def random(*shape):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(sum(shape)))


def made(network):
    torch.manual_seed(1)
    for tensor in network.state_dict().values():
        torch.nn.init.normal_(tensor, std=0.3)
    return network.eval().requires_grad_(False)


def assert_same(fast, plain):
    assert (fast - plain).abs().max() <= 1e-5 * plain.abs().max()


def plain_attention(attention, residual, x):
    """Softmax of scaled scores, written out, and the sum."""
    query, key, value = attention.c_qkv(x).unflatten(-1, (HEADS, 3, -1)).transpose(1, 2).unbind(3)
    share = (query @ key.transpose(2, 3) / math.sqrt(WIDTH // HEADS)).softmax(-1)
    return residual + attention.c_proj((share @ value).transpose(1, 2).flatten(2))


@pytest.mark.parametrize("first", [0, 7])
def test_fused_attention_is_the_softmax_of_scaled_scores(first):
    attention, x, residual = made(MultiheadAttention(WIDTH, HEADS)), random(2, 30, WIDTH), random(2, 30, WIDTH).flip(1)
    assert_same(attention(residual[:, first:], x, first), plain_attention(attention, residual, x)[:, first:])


def test_a_key_bias_of_log_n_weights_a_token_n_times():
    attention, x = made(MultiheadAttention(WIDTH, HEADS)), random(2, 30, WIDTH)
    bias = torch.zeros(1, 1, 1, 30)
    bias[..., 4] = math.log(6)
    repeated = torch.cat([x, x[:, 4:5].expand(-1, 5, -1)], dim=1)
    residual = torch.zeros_like(repeated)
    assert_same(attention(residual[:, :30], x, 0, bias), attention(residual, repeated)[:, :30])


def test_the_last_block_for_some_tokens_only_gives_the_same_tokens():
    backbone, x = made(Transformer(WIDTH, LAYERS, HEADS)), random(2, 30, WIDTH)
    assert_same(backbone(x, 11), backbone(x)[:, 11:])


def test_the_last_block_computes_only_the_requested_tokens():
    backbone, seen = made(Transformer(WIDTH, LAYERS, HEADS)), []
    for block in backbone.resblocks:
        block.mlp.c_fc.register_forward_hook(lambda module, given, out: seen.append(out.shape[1]))
    backbone(random(2, 30, WIDTH), 11)
    assert seen == [30, 30, 19]


@pytest.mark.parametrize("added", [False, True])
def test_equal_cells_of_an_image_grid_are_one_cell_of_as_many_copies(added):
    net = made(CLIPImageGridPointDiffusionTransformer(PointTransformerConfig(n_ctx=40, condition_added=added, **SIZE)))
    x, none = random(2, 6, 40), torch.zeros(2, CHANNELS, IMAGE_CELLS)
    assert_same(net(x, T, none[:, :, :1], condition_copies=IMAGE_CELLS), net(x, T, none))


def test_the_upsampler_without_an_image_needs_one_condition_token():
    config = UpsamplerConfig(n_ctx=40, channel_scales=CHANNEL_SCALES, channel_biases=CHANNEL_BIASES, **SIZE)
    net, x, low_res = made(CLIPImageGridUpsamplePointDiffusionTransformer(config)), random(2, 6, 40), random(2, 6, 15)
    none = torch.zeros(2, CHANNELS, IMAGE_CELLS)
    assert_same(net(x, T, none[:, :, :1], low_res, condition_copies=IMAGE_CELLS), net(x, T, none, low_res))


def test_keys_and_values_computed_once_give_the_same_result_for_every_query():
    perceiver, data, queries = made(SimplePerceiver(WIDTH, LAYERS, HEADS)), random(2, 25, WIDTH), random(2, 60, WIDTH)
    once = perceiver.keys_values(data)
    plain = []
    for part in queries.split(20, dim=1):
        for block in perceiver.resblocks:
            part = block(part, data)
        plain.append(part)
    assert_same(torch.cat([perceiver(part, once) for part in queries.split(20, dim=1)], dim=1), torch.cat(plain, dim=1))


@pytest.mark.parametrize("guidance", [3.0, 15.0])
def test_both_halves_of_the_guidance_in_one_batch_are_the_two_alone(guidance):
    net = made(CLIPImagePointDiffusionTransformer(PointTransformerConfig(n_ctx=40, **SIZE)))
    condition, x, schedule = random(2, CHANNELS), random(2, 6, 40), Schedule("cosine")

    def denoised(condition, scale):
        return guided_denoiser(net, schedule, "epsilon", condition, scale)(x, 0.7)

    conditional, unconditional = denoised(condition, 1.0), denoised(torch.zeros_like(condition), 1.0)
    plain = unconditional + guidance * (conditional - unconditional)
    assert (conditional - unconditional).abs().max() > 1e-3
    assert_same(denoised(condition, guidance), plain)
