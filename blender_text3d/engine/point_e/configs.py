# SPDX-License-Identifier: GPL-3.0-or-later
"""Sizes and classes of the official Point-E networks by checkpoint name.

Source: configurations of the released checkpoints, github.com/openai/point-e, commit fc8a607.
"""

from dataclasses import replace

from torch import nn

from ..nn.point_transformer import (
    CLIPImageGridPointDiffusionTransformer,
    CLIPImagePointDiffusionTransformer,
    PointDiffusionTransformer,
    PointTransformerConfig,
)
from .sdf import CrossAttentionPointCloudSDFModel, SDFConfig
from .upsampler import CLIPImageGridUpsamplePointDiffusionTransformer, UpsamplerConfig

CHANNEL_SCALES = (2.0, 2.0, 2.0, 0.007843137255, 0.007843137255, 0.007843137255)
CHANNEL_BIASES = (0.0, 0.0, 0.0, -1.0, -1.0, -1.0)
"""Scaling of the network's inputs: xyz in its own space times 2, RGB 0..255 to -1..1."""

IMAGE_CELLS = 256
"""Number of cells in CLIP ViT-L/14's image grid."""

BASE_40M = PointTransformerConfig(input_channels=6, output_channels=12, n_ctx=1024, width=512, layers=12, heads=8)
BASE_40M_GRID = replace(BASE_40M, condition_channels=1024)
BASE_300M = replace(BASE_40M_GRID, width=1024, layers=24, heads=16)
BASE_1B = replace(BASE_300M, width=2048, heads=32)
UPSAMPLE = UpsamplerConfig(
    input_channels=6,
    output_channels=12,
    n_ctx=3072,
    width=512,
    layers=12,
    heads=8,
    condition_channels=1024,
    cond_ctx=1024,
    channel_scales=CHANNEL_SCALES,
    channel_biases=CHANNEL_BIASES,
)
SDF = SDFConfig(width=256, encoder_layers=8, encoder_heads=4, decoder_layers=4, decoder_heads=4)

OFFICIAL: dict[str, tuple[type[nn.Module], PointTransformerConfig | SDFConfig]] = {
    "base40M-uncond": (PointDiffusionTransformer, BASE_40M),
    "base40M-textvec": (CLIPImagePointDiffusionTransformer, BASE_40M),
    "base40M-imagevec": (CLIPImagePointDiffusionTransformer, BASE_40M),
    "base40M": (CLIPImageGridPointDiffusionTransformer, BASE_40M_GRID),
    "base300M": (CLIPImageGridPointDiffusionTransformer, BASE_300M),
    "base1B": (CLIPImageGridPointDiffusionTransformer, BASE_1B),
    "upsample": (CLIPImageGridUpsamplePointDiffusionTransformer, UPSAMPLE),
    "sdf": (CrossAttentionPointCloudSDFModel, SDF),
}
"""Class and size of each official checkpoint; `class_(size)` has exactly the file's tensors."""
