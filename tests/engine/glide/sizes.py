# SPDX-License-Identifier: GPL-3.0-or-later
"""GLIDE's networks in a size that is fast."""

from dataclasses import replace

import torch

from blender_text3d.engine.glide.configs import GlideConfig
from blender_text3d.engine.glide.text_transformer import TextTransformer
from blender_text3d.engine.glide.unet import UNet

SMALL = GlideConfig(
    image_size=8,
    num_channels=32,
    num_res_blocks=1,
    channel_mult=(1, 2),
    num_head_channels=16,
    attention_resolutions=(4,),
    text_ctx=6,
    xf_width=8,
    xf_layers=1,
    xf_heads=2,
)
SMALL_UPSAMPLE = replace(SMALL, image_size=16, super_res=True)


def small_networks(config=SMALL):
    """The text transformer and the UNet with weights of seed 0, ready for inference."""
    torch.manual_seed(0)
    return tuple(network(config).eval().requires_grad_(False) for network in (TextTransformer, UNet))
