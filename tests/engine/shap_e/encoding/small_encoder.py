# SPDX-License-Identifier: GPL-3.0-or-later
"""A small random transmitter, and objects for it."""

from functools import cache

import torch

from blender_text3d.engine.shap_e.decoder import DecoderConfig
from blender_text3d.engine.shap_e.encoding.encoder_inputs import EncoderInputs, PerceiverEncoderConfig
from blender_text3d.engine.shap_e.encoding.transmitter import Transmitter
from scripts.parity.weight_recipe import fill_weights

CONFIG = PerceiverEncoderConfig(
    width=16,
    layers=2,
    heads=2,
    d_latent=8,
    rows=32,
    data_tokens=8,
    points=48,
    views=2,
    image_size=16,
    patch_size=4,
    neighbors=8,
    hidden=(16, 16),
    kernel=4,
    stride=2,
    octaves=4,
)
DECODER = DecoderConfig(d_row=8, d_hidden=8, position_octaves=4, direction_octaves=2)


@cache
def transmitter():
    return fill_weights(Transmitter(CONFIG, DECODER), 3)


def objects(points=48, views=2, batch=1, size=16, shown=0.5):
    """Random inputs; about `shown` of the pixels show the object."""
    generator = torch.Generator().manual_seed(1)
    cloud = torch.rand(batch, 6, points, generator=generator)
    cloud[:, :3] = cloud[:, :3] * 2 - 1
    images = torch.randint(0, 256, (batch, views, size, size, 3), generator=generator, dtype=torch.uint8)
    is_shown = torch.rand(batch, views, size, size, generator=generator) < shown
    depths = torch.where(is_shown, 3 + 2 * torch.rand(is_shown.shape, generator=generator), torch.inf)
    right, down, forward = torch.eye(3)[[0, 2, 1]] * torch.tensor([[1.0], [-1.0], [1.0]])
    camera = torch.cat([right, down, forward, torch.tensor([0, -4, 0, 0.7, 0.7])])
    return EncoderInputs(
        cloud, images, is_shown * torch.tensor(255, dtype=torch.uint8), depths, camera.repeat(batch, views, 1)
    )
