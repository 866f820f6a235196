# SPDX-License-Identifier: GPL-3.0-or-later
"""The small models' text encoder: a few words to one vector, in the place of CLIP's."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from ..nn.transformer import Transformer


@dataclass(frozen=True)
class WordEncoderConfig:
    """Size of a word encoder. `words` counts the vocabulary, `n_ctx` the tokens read of a prompt."""

    words: int
    n_ctx: int = 12
    width: int = 128
    layers: int = 2
    heads: int = 4
    output_channels: int = 128


class WordEncoder(nn.Module):
    """Words and their places through a small transformer; the mean of the words' tokens is the prompt's vector."""

    def __init__(self, config: WordEncoderConfig):
        super().__init__()
        self.config = config
        self.token_embedding = nn.Embedding(config.words + 1, config.width)
        self.positional_embedding = nn.Parameter(torch.randn(config.n_ctx, config.width) * 0.1)
        self.transformer = Transformer(config.width, config.layers, config.heads)
        self.ln_final = nn.LayerNorm(config.width)
        self.text_projection = nn.Linear(config.width, config.output_channels)

    def forward(self, ids: Tensor) -> Tensor:
        """[B, n_ctx] int64, 0 where the prompt has ended -> [B, output_channels] of unit length."""
        h = self.transformer(self.token_embedding(ids) + self.positional_embedding)
        real = (ids > 0).float()[..., None]
        mean = (self.ln_final(h) * real).sum(1) / real.sum(1).clamp(min=1)
        return nn.functional.normalize(self.text_projection(mean), dim=-1)
