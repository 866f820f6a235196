# SPDX-License-Identifier: GPL-3.0-or-later
"""The text transformer in each of GLIDE's checkpoints. Attribute names are exactly those of the official checkpoints.

Source: Nichol et al. 2021 (GLIDE), section 2.3; tensor names and shapes of the released checkpoints.
"""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from ..nn.linear import Linear
from ..nn.transformer import Transformer
from ..text.clip_layers import init_uniform
from .configs import GlideConfig


class TextFeatures(NamedTuple):
    """Texts as the picture's network takes them.

    Attributes:
        xf_proj: (B, E) float32, summand of the timestep's embedding, made of the last place.
        xf_out: (B, D, L) float32, the features of all places.
    """

    xf_proj: Tensor
    xf_out: Tensor


class TextTransformer(nn.Module):
    """Texts to features. Padding has embeddings of its own and is attended to like text.

    It stays in float32 on every device: the original computes it in half precision, at every step instead of once.
    """

    def __init__(self, config: GlideConfig):
        super().__init__()
        self.config = config
        width = config.xf_width
        self.transformer = Transformer(width, config.xf_layers, config.xf_heads)
        self.final_ln = nn.LayerNorm(width)
        embeddings = init_uniform(config.vocabulary, width, std=0.02)
        self.token_embedding = nn.Embedding(config.vocabulary, width, _weight=embeddings)
        self.positional_embedding = init_uniform(config.text_ctx, width, std=0.01)
        self.padding_embedding = init_uniform(config.text_ctx, width, std=0.01)
        self.transformer_proj = Linear(width, config.time_channels)

    def forward(self, tokens: Tensor, mask: Tensor) -> TextFeatures:
        """Return the features of texts; they are the same at every step.

        Args:
            tokens: (B, L) int.
            mask: (B, L) bool, False for padding.
        """
        embedded = self.token_embedding(tokens) + self.positional_embedding
        h = torch.where(mask[..., None], embedded, self.padding_embedding)
        h = self.final_ln(self.transformer(h))
        return TextFeatures(self.transformer_proj(h[:, -1]), h.transpose(1, 2))
