# SPDX-License-Identifier: GPL-3.0-or-later
"""Point-E's networks: shapes, the small models' options, and shortcuts that change nothing."""

from dataclasses import replace

import pytest
import torch

from blender_text3d.engine.nn.point_transformer import (
    CLIPImageGridPointDiffusionTransformer,
    CLIPImagePointDiffusionTransformer,
    PointDiffusionTransformer,
    PointTransformerConfig,
)
from blender_text3d.engine.point_e.configs import CHANNEL_BIASES, CHANNEL_SCALES
from blender_text3d.engine.point_e.sdf import CrossAttentionPointCloudSDFModel, SDFConfig
from blender_text3d.engine.point_e.upsampler import (
    CLIPImageGridUpsamplePointDiffusionTransformer,
    CLIPImageUpsamplePointDiffusionTransformer,
    UpsamplePointDiffusionTransformer,
    UpsamplerConfig,
)

VECTOR = PointTransformerConfig(
    input_channels=6, output_channels=12, n_ctx=20, width=32, layers=2, heads=4, condition_channels=16
)
UPSAMPLER = UpsamplerConfig(
    input_channels=6,
    output_channels=12,
    n_ctx=30,
    width=32,
    layers=2,
    heads=4,
    condition_channels=16,
    channel_scales=CHANNEL_SCALES,
    channel_biases=CHANNEL_BIASES,
)
T = torch.tensor([3, 700])


def random(*shape):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(sum(shape)))


def low_res():
    return random(2, 6, 10) / torch.tensor(CHANNEL_SCALES)[:, None]


CASES = [
    (PointDiffusionTransformer, VECTOR, ()),
    (CLIPImagePointDiffusionTransformer, VECTOR, (random(2, 16),)),
    (CLIPImageGridPointDiffusionTransformer, VECTOR, (random(2, 16, 9),)),
    (UpsamplePointDiffusionTransformer, UPSAMPLER, (low_res(),)),
    (CLIPImageUpsamplePointDiffusionTransformer, UPSAMPLER, (random(2, 16), low_res())),
    (CLIPImageGridUpsamplePointDiffusionTransformer, UPSAMPLER, (random(2, 16, 9), low_res())),
]


def made(network, config):
    torch.manual_seed(0)
    return network(config).eval().requires_grad_(False)


@pytest.mark.parametrize(("network", "config", "given"), CASES)
def test_each_input_and_the_timestep_change_the_output(network, config, given):
    net, x = made(network, config), random(2, 6, config.n_ctx)
    out = net(x, T, *given)
    assert out.shape == (2, 12, config.n_ctx)
    assert not torch.allclose(net(x, T + 100, *given), out, atol=1e-4)
    for place in range(len(given)):
        other = [value.flip(1) if index == place else value for index, value in enumerate(given)]
        assert not torch.allclose(net(x, T, *other), out, atol=1e-4)


@pytest.mark.parametrize(("network", "config", "given"), CASES)
@pytest.mark.parametrize("option", ["condition_added", "time_token"])
def test_an_option_of_the_conditioning_changes_the_output_but_no_tensor(network, config, given, option):
    plain, other = made(network, config), made(network, replace(config, **{option: not getattr(config, option)}))
    other.load_state_dict(plain.state_dict())
    x = random(2, 6, config.n_ctx)
    assert not torch.allclose(other(x, T, *given), plain(x, T, *given), atol=1e-4)


@pytest.mark.parametrize(("network", "config", "given"), CASES)
def test_a_network_without_variance_has_as_many_outputs_as_inputs(network, config, given):
    net = made(network, replace(config, output_channels=6))
    assert net(random(2, 6, config.n_ctx), T, *given).shape == (2, 6, config.n_ctx)


@pytest.mark.parametrize("octaves", [0, 4])
def test_queries_in_parts_give_the_same_distances_as_at_once(octaves):
    config = SDFConfig(
        32, encoder_layers=2, encoder_heads=4, decoder_layers=2, decoder_heads=4, position_octaves=octaves
    )
    net, cloud, points = made(CrossAttentionPointCloudSDFModel, config), random(2, 3, 40), random(2, 3, 50)
    encoded = net.encode(cloud)
    parts = torch.cat([net.query(part, encoded) for part in points.split(17, dim=2)], dim=1)
    torch.testing.assert_close(parts, net(cloud, points))
    assert net(cloud * 0.5, points).sub(parts).abs().max() > 1e-3
