# SPDX-License-Identifier: GPL-3.0-or-later
"""The small models' text encoder: a few words to one vector and one for each word, in the place of CLIP's."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from ..nn.linear import Linear
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
    """Words and their places through a small transformer; the mean of the words' tokens is the prompt's vector.

    One vector is enough to say what a thing is, not which of its parts has which colour: the words' own vectors, each
    of which has read its neighbours, say that.
    """

    def __init__(self, config: WordEncoderConfig):
        super().__init__()
        self.config = config
        self.token_embedding = nn.Embedding(config.words + 1, config.width)
        self.positional_embedding = nn.Parameter(torch.randn(config.n_ctx, config.width) * 0.1)
        self.transformer = Transformer(config.width, config.layers, config.heads)
        self.ln_final = nn.LayerNorm(config.width)
        self.text_projection = Linear(config.width, config.output_channels)

    def forward(self, ids: Tensor) -> Tensor:
        """[B, n_ctx] int64, 0 where the prompt has ended -> [B, output_channels, 1 + n_ctx].

        First the prompt's vector, of unit length, then the words', zeros where the prompt has ended.
        """
        h = self.ln_final(self.transformer(self.token_embedding(ids) + self.positional_embedding))
        real = (ids > 0).to(h.dtype)[..., None]
        mean = (h * real).sum(1) / real.sum(1).clamp(min=1)
        prompt = nn.functional.normalize(self.text_projection(mean), dim=-1)
        words = self.text_projection(h) * real
        return torch.cat([prompt[:, None], words], dim=1).transpose(1, 2)
