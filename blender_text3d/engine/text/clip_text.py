# SPDX-License-Identifier: GPL-3.0-or-later
"""CLIP's text tower: a prompt's tokens to one embedding.

Source: Radford et al. 2021 (CLIP), section 2.4; tensor names and shapes of the released ViT-L-14.pt; unit length as in
openai/point-e, point_e/models/pretrained_clip.py.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from .clip_layers import Transformer, init_uniform


@dataclass(frozen=True)
class ClipTextConfig:
    """Size of a text tower; the defaults are those of ViT-L/14."""

    vocab_size: int = 49408
    context_length: int = 77
    width: int = 768
    layers: int = 12
    heads: int = 12
    embed_dim: int = 768


class ClipText(nn.Module):
    """A causal transformer; the projected vector of the end token is the prompt's embedding.

    Attribute names are the official checkpoint's, letter for letter. `logit_scale` weighs texts against images in
    CLIP's training; nothing here uses it.
    """

    def __init__(self, config: ClipTextConfig):
        super().__init__()
        width = config.width
        self.config = config
        self.token_embedding = nn.Embedding(
            config.vocab_size, width, _weight=init_uniform(config.vocab_size, width, std=0.02)
        )
        self.positional_embedding = init_uniform(config.context_length, width, std=0.01)
        self.transformer = Transformer(width, config.layers, config.heads)
        self.ln_final = nn.LayerNorm(width)
        self.text_projection = init_uniform(width, config.embed_dim, std=width**-0.5)
        self.logit_scale = nn.Parameter(torch.tensor(math.log(1 / 0.07)))

    def forward(self, ids: Tensor) -> Tensor:
        """Return the prompts' embeddings.

        Args:
            ids: `(B, T) int64`, each row with one end token, which has the largest ID; later tokens are not computed.

        Returns:
            `(B, D) float32` of unit length.
        """
        ends = ids.argmax(dim=-1)
        h = self.hidden(ids[:, : int(ends.max()) + 1])
        vectors = h[torch.arange(len(ids), device=ids.device), ends] @ self.text_projection
        return nn.functional.normalize(vectors.float(), dim=-1)

    def hidden(self, ids: Tensor) -> Tensor:
        """`(B, T) int64`, T at most `context_length` -> `(B, T, D) float32`, after the last norm."""
        h = self.token_embedding(ids) + self.positional_embedding[: ids.shape[1]]
        return self.ln_final(self.transformer(h, causal=True))
