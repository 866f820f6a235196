# SPDX-License-Identifier: GPL-3.0-or-later
"""The diffusion transformers of both models. Attribute names are the official checkpoints', letter for letter.

Source: Nichol et al. 2022 (Point-E), section 4.2 and appendix A; Jun and Nichol 2023 (Shap-E), section 4.2.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from .embedding import timestep_embedding
from .linear import Linear
from .transformer import MLP, Transformer


@dataclass(frozen=True)
class PointTransformerConfig:
    """Size and conditioning of one diffusion transformer.

    Attributes:
        input_channels: C of the noisy input.
        output_channels: 2 C where the network also predicts a variance, else C.
        n_ctx: number of tokens; needed for learned positions.
        condition_channels: K of the condition (CLIP ViT-L/14: 768 for a vector, 1024 for a cell of an image grid).
        condition_added: also add the time and condition vectors to every token. The official networks do not;
            the small ones learn several times faster with it.
        time_token: the time is a token before the data's; otherwise it is added to every token.
        condition_token: the same of a condition vector. An image grid is always tokens.
        use_pos_emb: learned positions (Shap-E), none in Point-E, whose points have no order.
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


class PointDiffusionTransformer(nn.Module):
    """Tokens in, tokens out, told the timestep and nothing else."""

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

    def forward(self, x: Tensor, t: Tensor) -> Tensor:
        """X [B, C, T] scaled to unit variance, t [B] timesteps -> [B, output_channels, T]."""
        return self.points_out(x, *self.placed(self.time(t), self.config.time_token))

    def time(self, t: Tensor) -> Tensor:
        """[B] timesteps -> [B, D]."""
        waves = timestep_embedding(t, self.config.width)
        return self.time_embed(waves.to(self.time_embed.c_fc.weight.dtype))

    def placed(self, vector: Tensor, is_token: bool) -> tuple[list[Tensor], list[Tensor]]:
        """A vector [B, D] as (tokens [B, 1, D] before the data, vectors [B, D] added to the data), as configured."""
        added = [vector] if self.config.condition_added or not is_token else []
        return ([vector[:, None]] if is_token else []), added

    def points_out(
        self, x: Tensor, tokens: list[Tensor], added: list[Tensor], key_bias: Tensor | None = None
    ) -> Tensor:
        """Runs the transformer.

        Args:
            x: [B, C, T].
            tokens: [B, n, D] each, before the data's, in the checkpoint's order.
            added: [B, D] each, added to every token of the data.
            key_bias: [all tokens], see `MultiheadAttention`.
        """
        h = self.input_proj(x.transpose(1, 2))
        for vector in added:
            h = h + vector[:, None]
        if self.config.use_pos_emb:
            h = h + self.pos_emb
        h = self.ln_pre(torch.cat([*tokens, h], dim=1))
        h = self.backbone(h, h.shape[1] - x.shape[-1], key_bias)
        return self.output_proj(self.ln_post(h)).transpose(1, 2)


class CLIPImagePointDiffusionTransformer(PointDiffusionTransformer):
    """Conditioned on one vector, of a text or an image; its token stands before the time's."""

    def __init__(self, config: PointTransformerConfig):
        super().__init__(config)
        self.clip_embed = Linear(config.condition_channels, config.width)

    def forward(self, x: Tensor, t: Tensor, condition: Tensor) -> Tensor:
        """One evaluation.

        Args:
            x: [B, C, T] noisy input, scaled to unit variance.
            t: [B] timestep, 0 to 1023.
            condition: [B, K] unit-length text or image vector; zeros for no condition.

        Returns:
            [B, output_channels, T].
        """
        tokens, added = self.condition_tokens(condition)
        time_tokens, time_added = self.placed(self.time(t), self.config.time_token)
        return self.points_out(x, tokens + time_tokens, added + time_added)

    def condition_tokens(self, condition: Tensor) -> tuple[list[Tensor], list[Tensor]]:
        """The condition as tokens before the data and as vectors added to it, see `placed`."""
        vector = self.clip_embed(condition * math.sqrt(condition.shape[-1]))
        return self.placed(vector, self.config.condition_token)


def grid_embed(config: PointTransformerConfig) -> nn.Sequential:
    """What turns cells of an image grid, [..., K], into tokens, [..., D]."""
    return nn.Sequential(nn.LayerNorm(config.condition_channels), Linear(config.condition_channels, config.width))


class CaptionPointDiffusionTransformer(CLIPImagePointDiffusionTransformer):
    """Conditioned on a caption: its vector, as above, and its words, one token each, before that of the time.

    The official models have no such network; the small ones learn by it which part has which colour.
    """

    def __init__(self, config: PointTransformerConfig):
        super().__init__(config)
        self.word_embed = grid_embed(config)

    def condition_tokens(self, condition: Tensor) -> tuple[list[Tensor], list[Tensor]]:
        """[B, K, 1 + words], see `WordEncoder`; zeros for no condition."""
        tokens, added = super().condition_tokens(condition[:, :, 0])
        return [*tokens, self.word_embed(condition[:, :, 1:].transpose(1, 2))], added


def copies_bias(before: int, copied: int, after: int, copies: int, like: Tensor) -> Tensor | None:
    """The key bias that lets `copied` tokens count `copies` times each; None where they count once.

    n equal keys with equal values take the share n e^s / (n e^s + rest) = e^(s + log n) / (e^(s + log n) + rest) of a
    query's attention, so one of them with log n added to its score is the same, in every layer.
    """
    if copies == 1:
        return None
    bias = torch.zeros(before + copied + after, dtype=like.dtype, device=like.device)
    bias[before : before + copied] = math.log(copies)
    return bias


class CLIPImageGridPointDiffusionTransformer(PointDiffusionTransformer):
    """Conditioned on the cells of an image grid, one token each, after the time's."""

    def __init__(self, config: PointTransformerConfig):
        super().__init__(config)
        self.clip_embed = grid_embed(config)

    def forward(self, x: Tensor, t: Tensor, condition: Tensor, condition_copies: int = 1) -> Tensor:
        """One evaluation.

        Args:
            x: [B, C, T] noisy input, scaled to unit variance.
            t: [B] timestep, 0 to 1023.
            condition: [B, K, cells] image grid; zeros for no condition.
            condition_copies: how many equal cells each given cell stands for. The 256 zero cells of "no condition"
                are one zero cell of 256 copies: the same result, 255 tokens fewer.

        Returns:
            [B, output_channels, T].
        """
        grid = self.clip_embed(condition.transpose(1, 2))
        tokens, added = self.placed(self.time(t), self.config.time_token)
        bias = copies_bias(len(tokens), grid.shape[1], x.shape[-1], condition_copies, grid)
        if self.config.condition_added:
            added = [*added, grid.mean(dim=1)]
        return self.points_out(x, [*tokens, grid], added, bias)
