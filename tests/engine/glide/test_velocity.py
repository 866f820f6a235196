# SPDX-License-Identifier: GPL-3.0-or-later
"""Networks whose layers estimate the velocity, and whose places are squares of pixels."""

from dataclasses import replace

import torch

from blender_text3d.engine.glide.respacing import RespacedSchedule
from blender_text3d.engine.glide.steps import predicted_start
from blender_text3d.engine.glide.velocity import noise_of_velocity, signal_and_noise
from tests.engine.glide.sizes import SMALL, small_networks

SCHEDULE = RespacedSchedule("squaredcos_cap_v2")


def test_the_picture_and_the_noise_are_recovered_from_the_velocity_at_every_level():
    generator = torch.Generator().manual_seed(0)
    picture, noise = (torch.randn(4, 3, 8, 8, generator=generator) for _ in range(2))
    picture = picture.clamp(-1, 1)
    t = torch.tensor([1, 300, 700, 985])
    alpha, sigma = (values[:, None, None, None] for values in signal_and_noise(t))
    x, velocity = alpha * picture + sigma * noise, alpha * noise - sigma * picture
    output = noise_of_velocity(torch.cat([velocity, torch.full_like(velocity, 0.25)], dim=1), x, t)
    assert torch.allclose(output[:, :3], noise, atol=1e-5)
    assert (output[:, 3:] == 0.25).all()
    for row, timestep in enumerate(t.tolist()):
        start = predicted_start(output[row : row + 1], x[row : row + 1], SCHEDULE, timestep)
        assert torch.allclose(start, picture[row : row + 1], atol=1e-3)


def test_a_network_that_estimates_no_velocity_says_that_the_picture_is_mostly_noise():
    config = replace(SMALL, velocity=True)
    transformer, unet = small_networks(config)
    torch.nn.init.zeros_(unet.out[2].weight)
    torch.nn.init.zeros_(unet.out[2].bias)
    tokens, x = torch.tensor([[1, 2, 3, 0, 0, 0]]), torch.randn(1, 3, 8, 8)
    t = torch.tensor([600])
    output = unet(x, t, unet.condition(transformer(tokens, tokens > 0)))
    assert torch.allclose(output[:, :3], signal_and_noise(t)[1] * x, atol=1e-6)


def test_squares_of_pixels_are_the_places_of_a_network_that_has_a_patch():
    config = replace(SMALL, patch=2, attention_resolutions=(2,), groups=8, vocabulary=11)
    transformer, unet = small_networks(config)
    assert transformer.token_embedding.weight.shape == (11, 8)
    assert unet.input_blocks[0][0].weight.shape == (32, 12, 3, 3)
    assert unet.out[2].weight.shape == (24, 32, 3, 3)
    assert unet.out[0].num_groups == 8
    sizes = []
    unet.input_blocks[0][0].register_forward_hook(lambda module, inputs, output: sizes.append(output.shape[2:]))
    tokens = torch.tensor([[1, 2, 3, 0, 0, 0]])
    x = torch.randn(1, 3, 8, 8)
    condition = unet.condition(transformer(tokens, tokens > 0))
    assert unet(x, torch.tensor([600]), condition).shape == (1, 6, 8, 8)
    assert sizes == [(4, 4)]
    assert len(condition.keys_values) == 4  # the second level, going down and up twice, and the middle
