# SPDX-License-Identifier: GPL-3.0-or-later
"""The small Shap-E's encoder: colored point cloud to latent. The official one is in the folder `encoding`.

Source: Jun and Nichol 2023 (Shap-E), section 4.1; the layout is our own, since the model is small and sees no images.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from ..nn.embedding import positional_encoding
from ..nn.linear import Linear
from ..nn.perceiver import ResidualCrossAttentionBlock
from ..nn.transformer import Transformer


@dataclass(frozen=True)
class EncoderConfig:
    """Size of a point cloud encoder: `tokens` queries attend to the cloud twice, and each outputs `d_token` values."""

    tokens: int
    d_token: int
    width: int
    layers: int
    heads: int
    position_octaves: int = 5


class PointCloudEncoder(nn.Module):
    """Learned queries that attend to the cloud and to each other, twice."""

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
        """Encode points (B, N, 3) float32 in model space with colors (B, N, 3) float32 sRGB 0..1.

        Returns:
            (B, tokens * d_token) float32 in (-1, 1), the latent.
        """
        encoded = positional_encoding(points, self.config.position_octaves)
        data = self.input_proj(torch.cat([encoded, colors * 4 - 2], dim=-1))
        h = self.latents.expand(points.shape[0], -1, -1)
        for attend, transform in zip(self.readers, self.thinkers, strict=True):
            h = transform(attend(h, data))
        return torch.tanh(self.output_proj(self.ln_post(h))).flatten(1)
