# SPDX-License-Identifier: GPL-3.0-or-later
"""A coloured point cloud becomes a latent. Used to train and to start from an object, not to answer a prompt.

Source: Jun and Nichol 2023 (Shap-E), section 4.1; the layout is our own, since the official one is not public.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from ..nn.embedding import wave_encoding
from ..nn.linear import Linear
from ..nn.perceiver import ResidualCrossAttentionBlock
from ..nn.transformer import Transformer


@dataclass(frozen=True)
class EncoderConfig:
    """Size of a point cloud encoder: `tokens` queries read the cloud twice, and each puts out `d_token` numbers."""

    tokens: int
    d_token: int
    width: int
    layers: int
    heads: int
    position_octaves: int = 5


class PointCloudEncoder(nn.Module):
    """Learned queries read the cloud, think, read it again, think again."""

    def __init__(self, config: EncoderConfig):
        super().__init__()
        self.config = config
        self.input_proj = Linear(6 + 6 * config.position_octaves, config.width)
        self.latents = nn.Parameter(torch.randn(config.tokens, config.width) * 0.3)
        self.readers = nn.ModuleList(ResidualCrossAttentionBlock(config.width, config.heads) for _ in range(2))
        self.thinkers = nn.ModuleList(Transformer(config.width, config.layers // 2, config.heads) for _ in range(2))
        self.ln_post = nn.LayerNorm(config.width)
        self.output_proj = Linear(config.width, config.d_token)

    def forward(self, points: Tensor, colors: Tensor) -> Tensor:
        """Points [B, N, 3] in model space, colors [B, N, 3] sRGB 0..1 -> latent [B, tokens * d_token] in (-1, 1)."""
        waves = wave_encoding(points, self.config.position_octaves)
        data = self.input_proj(torch.cat([waves, colors * 4 - 2], dim=-1))
        h = self.latents.expand(points.shape[0], -1, -1)
        for read, think in zip(self.readers, self.thinkers, strict=True):
            h = think(read(h, data))
        return torch.tanh(self.output_proj(self.ln_post(h))).flatten(1)
