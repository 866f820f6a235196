# SPDX-License-Identifier: GPL-3.0-or-later
"""The small models' text encoder: words to one embedding of the prompt and one of each word."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from ..nn.linear import Linear
from ..nn.transformer import Transformer


@dataclass(frozen=True)
class WordEncoderConfig:
    """Size of a word encoder: `words` in the vocabulary, `n_ctx` tokens of a prompt."""

    words: int
    n_ctx: int = 12
    width: int = 128
    layers: int = 2
    heads: int = 4
    output_channels: int = 128


class WordEncoder(nn.Module):
    """A small transformer of words; the mean of their tokens is the prompt's embedding.

    One embedding is enough for the kind of object, not for the color of each part: that is in the words' own
    embeddings, which attention has mixed with their neighbors.
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
        """`(B, T) int64`, 0 for padding -> `(B, C, 1 + T) float32`.

        First the prompt's embedding, of unit length, then the words', zeros for padding.
        """
        h = self.ln_final(self.transformer(self.token_embedding(ids) + self.positional_embedding))
        is_word = (ids > 0).to(h.dtype)[..., None]
        mean = (h * is_word).sum(1) / is_word.sum(1).clamp(min=1)
        prompt = nn.functional.normalize(self.text_projection(mean), dim=-1)
        words = self.text_projection(h) * is_word
        return torch.cat([prompt[:, None], words], dim=1).transpose(1, 2)
