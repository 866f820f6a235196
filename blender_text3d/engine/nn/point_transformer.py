# SPDX-License-Identifier: GPL-3.0-or-later
"""The diffusion transformers of both models. Attribute names are exactly those of the official checkpoints.

Source: Nichol et al. 2022 (Point-E), section 4.2 and appendix A; Jun and Nichol 2023 (Shap-E), section 4.2.
"""

import math
from dataclasses import dataclass
from functools import lru_cache

import torch
from torch import Tensor, nn

from .embedding import timestep_embedding
from .linear import Linear
from .transformer import MLP, Transformer

ALIGNED = 8
"""Rows of a bias begin at multiples of it; CUDA's attention copies others at every call."""


@dataclass(frozen=True)
class PointTransformerConfig:
    """Size and conditioning of one diffusion transformer.

    Attributes:
        input_channels: number of channels C of the noisy input.
        output_channels: 2 C if the network also predicts a variance, otherwise C.
        n_ctx: number of tokens; used for learned positions.
        condition_channels: number of channels K of the condition (CLIP ViT-L/14: 768 for a vector, 1024 for a cell of
            an image grid).
        condition_added: True to add the time and condition vectors to every token. The official networks do not; the
            small ones learn several times faster with it.
        time_token: True if the time is a token before those of the data; otherwise it is added to every token.
        condition_token: the same for a condition vector. An image grid always becomes tokens.
        use_pos_emb: True for learned positions (Shap-E); Point-E has none, since its points are unordered.
    """

    input_channels: int
    output_channels: int
    n_ctx: int
    width: int
    layers: int
    heads: int
    condition_channels: int = 768
    condition_added: bool = False
    time_token: bool = True
    condition_token: bool = True
    use_pos_emb: bool = False


class PointTransformer(nn.Module):
    """The layers that all diffusion transformers share: tokens in, tokens out, with a timestep embedding."""

    def __init__(self, config: PointTransformerConfig):
        super().__init__()
        width = config.width
        self.config = config
        self.time_embed = MLP(width)
        self.ln_pre = nn.LayerNorm(width)
        self.backbone = Transformer(width, config.layers, config.heads)
        self.ln_post = nn.LayerNorm(width)
        self.input_proj = Linear(config.input_channels, width)
        self.output_proj = Linear(width, config.output_channels)
        if config.use_pos_emb:
            self.pos_emb = nn.Parameter(torch.zeros(config.n_ctx, width))

    def embed_time(self, t: Tensor) -> Tensor:
        """Embed timesteps (B,) int64 as vectors (B, D) float."""
        embedding = timestep_embedding(t, self.config.width)
        return self.time_embed(embedding.to(self.time_embed.c_fc.weight.dtype))

    def as_conditioning(self, vector: Tensor, is_token: bool) -> tuple[list[Tensor], list[Tensor]]:
        """Return a vector (B, D) float as tokens (B, 1, D) before the data and as vectors (B, D) added to the data.

        One of the two lists may be empty, depending on `is_token` and `condition_added`.
        """
        added = [vector] if self.config.condition_added or not is_token else []
        return ([vector[:, None]] if is_token else []), added

    def run_backbone(
        self, x: Tensor, tokens: list[Tensor], added: list[Tensor], key_bias: Tensor | None = None
    ) -> Tensor:
        """Run the transformer.

        Args:
            x: (B, C, T) float.
            tokens: (B, n, D) float each, placed before those of the data in the checkpoint's order.
            added: (B, D) float each, added to every token of the data.
            key_bias: (1, 1, 1, all tokens) float, see `MultiheadAttention`.
        """
        h = self.input_proj(x.transpose(1, 2))
        for vector in added:
            h = h + vector[:, None]
        if self.config.use_pos_emb:
            h = h + self.pos_emb
        h = self.ln_pre(torch.cat([*tokens, h], dim=1))
        h = self.backbone(h, h.shape[1] - x.shape[-1], key_bias)
        return self.output_proj(self.ln_post(h)).transpose(1, 2)


class PointDiffusionTransformer(PointTransformer):
    """Conditioned on the timestep only."""

    def forward(self, x: Tensor, t: Tensor) -> Tensor:
        """Evaluate x (B, C, T) float of unit variance at timesteps t (B,) int64: (B, output_channels, T) float."""
        return self.run_backbone(x, *self.as_conditioning(self.embed_time(t), self.config.time_token))


class CLIPImagePointDiffusionTransformer(PointTransformer):
    """Conditioned on one vector of a text or an image; its token precedes the time token."""

    def __init__(self, config: PointTransformerConfig):
        super().__init__(config)
        self.clip_embed = Linear(config.condition_channels, config.width)

    def forward(self, x: Tensor, t: Tensor, condition: Tensor) -> Tensor:
        """Evaluate the network.

        Args:
            x: (B, C, T) float, noisy input scaled to unit variance.
            t: (B,) int64 timesteps, 0 to 1023.
            condition: (B, K) float, text or image vector of unit length; zeros for no condition.

        Returns:
            (B, output_channels, T) float.
        """
        tokens, added = self.condition_tokens(condition)
        time_tokens, time_added = self.as_conditioning(self.embed_time(t), self.config.time_token)
        return self.run_backbone(x, tokens + time_tokens, added + time_added)

    def condition_tokens(self, condition: Tensor) -> tuple[list[Tensor], list[Tensor]]:
        """Return the condition as tokens before the data and as vectors added to it, see `as_conditioning`."""
        vector = self.clip_embed(condition * math.sqrt(condition.shape[-1]))
        return self.as_conditioning(vector, self.config.condition_token)


def grid_embed(config: PointTransformerConfig) -> nn.Sequential:
    """Return the layers that turn cells of an image grid, (..., K) float, into tokens, (..., D) float."""
    return nn.Sequential(nn.LayerNorm(config.condition_channels), Linear(config.condition_channels, config.width))


class CaptionPointDiffusionTransformer(CLIPImagePointDiffusionTransformer):
    """Conditioned on a caption: its vector, as above, and one token per word, before the time token.

    The official models have no such network; the small ones learn from the words which part has which color.
    """

    def __init__(self, config: PointTransformerConfig):
        super().__init__(config)
        self.word_embed = grid_embed(config)

    def condition_tokens(self, condition: Tensor) -> tuple[list[Tensor], list[Tensor]]:
        """Return the tokens and added vectors of a caption (B, K, 1 + words) float; zeros for no condition.

        See `WordEncoder` for the caption's columns.
        """
        tokens, added = super().condition_tokens(condition[:, :, 0])
        return [*tokens, self.word_embed(condition[:, :, 1:].transpose(1, 2))], added


@lru_cache(maxsize=4)
@torch.inference_mode(False)
def copies_bias(
    before: int, copied: int, after: int, copies: int, dtype: torch.dtype, device: torch.device
) -> Tensor | None:
    """Return the key bias (1, 1, 1, all tokens) float of `copied` tokens `copies` times each, or None for one copy.

    n equal keys with equal values get the share n e^s / (n e^s + rest) = e^(s + log n) / (e^(s + log n) + rest) of a
    query's attention, so one of them with log n added to its score gives the same result in every layer.
    """
    if copies == 1:
        return None
    tokens = before + copied + after
    bias = torch.zeros(1, 1, 1, -(-tokens // ALIGNED) * ALIGNED, dtype=dtype, device=device)
    bias[..., before : before + copied] = math.log(copies)
    return bias[..., :tokens]


class CLIPImageGridPointDiffusionTransformer(PointTransformer):
    """Conditioned on the cells of an image grid, one token each, after the time token."""

    def __init__(self, config: PointTransformerConfig):
        super().__init__(config)
        self.clip_embed = grid_embed(config)

    def forward(self, x: Tensor, t: Tensor, condition: Tensor, condition_copies: int = 1) -> Tensor:
        """Evaluate the network.

        Args:
            x: (B, C, T) float, noisy input scaled to unit variance.
            t: (B,) int64 timesteps, 0 to 1023.
            condition: (B, K, cells) float, image grid; zeros for no condition.
            condition_copies: number of equal cells that each given cell represents. The 256 zero cells of "no
                condition" are one zero cell with 256 copies: the same result with 255 tokens fewer.

        Returns:
            (B, output_channels, T) float.
        """
        grid = self.clip_embed(condition.transpose(1, 2))
        tokens, added = self.as_conditioning(self.embed_time(t), self.config.time_token)
        bias = copies_bias(len(tokens), grid.shape[1], x.shape[-1], condition_copies, grid.dtype, grid.device)
        if self.config.condition_added:
            added = [*added, grid.mean(dim=1)]
        return self.run_backbone(x, [*tokens, grid], added, bias)
