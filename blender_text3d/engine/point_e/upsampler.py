# SPDX-License-Identifier: GPL-3.0-or-later
"""The networks that refine a cloud. Attribute names are the official checkpoints', letter for letter.

Source: Nichol et al. 2022 (Point-E), section 4.3; tensor names and shapes of the released checkpoint.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from ..nn.linear import Linear
from ..nn.point_transformer import PointDiffusionTransformer, PointTransformerConfig, copies_bias, grid_embed


@dataclass(frozen=True)
class UpsamplerConfig(PointTransformerConfig):
    """Size and conditioning of an upsampler.

    Attributes:
        cond_ctx: points in the coarse cloud (the network takes any number).
        cond_input_channels: channels of the coarse cloud; None is as many as the noisy input has.
        channel_scales: what the coarse cloud, in metres and RGB 0..255, is multiplied by; None leaves it.
        channel_biases: what is added after that.
    """

    cond_ctx: int = 1024
    cond_input_channels: int | None = None
    channel_scales: tuple[float, ...] | None = None
    channel_biases: tuple[float, ...] | None = None


class UpsamplePointDiffusionTransformer(PointDiffusionTransformer):
    """Conditioned on a coarse cloud, one token a point, after all others."""

    def __init__(self, config: UpsamplerConfig):
        super().__init__(config)
        self.cond_point_proj = Linear(config.cond_input_channels or config.input_channels, config.width)
        for name in ("channel_scales", "channel_biases"):
            values = getattr(config, name)
            self.register_buffer(name, None if values is None else torch.tensor(values))

    def forward(self, x: Tensor, t: Tensor, low_res: Tensor) -> Tensor:
        """X [B, C, T], t [B], low_res [B, C, N] in metres and RGB 0..255 -> [B, output_channels, T]."""
        tokens, added = self.placed(self.time(t), self.config.time_token)
        return self.points_out(x, [*tokens, self.coarse_tokens(low_res)], added)

    def coarse_tokens(self, low_res: Tensor) -> Tensor:
        """[B, C, N] in metres and RGB 0..255 -> [B, N, D]."""
        if self.channel_scales is not None:
            low_res = low_res * self.channel_scales[None, :, None]
        if self.channel_biases is not None:
            low_res = low_res + self.channel_biases[None, :, None]
        return self.cond_point_proj(low_res.transpose(1, 2))


class CLIPImageUpsamplePointDiffusionTransformer(UpsamplePointDiffusionTransformer):
    """Conditioned on one vector, of a text or an image, and a coarse cloud: the small models' upsampler."""

    def __init__(self, config: UpsamplerConfig):
        super().__init__(config)
        self.clip_embed = Linear(config.condition_channels, config.width)

    def forward(self, x: Tensor, t: Tensor, condition: Tensor, low_res: Tensor) -> Tensor:
        """X [B, C, T], t [B], condition [B, K], low_res [B, C, N] -> [B, output_channels, T]."""
        clip = self.clip_embed(condition * math.sqrt(condition.shape[-1]))
        clip_tokens, clip_added = self.placed(clip, self.config.condition_token)
        time_tokens, time_added = self.placed(self.time(t), self.config.time_token)
        tokens = [*clip_tokens, *time_tokens, self.coarse_tokens(low_res)]
        return self.points_out(x, tokens, clip_added + time_added)


class CLIPImageGridUpsamplePointDiffusionTransformer(UpsamplePointDiffusionTransformer):
    """Conditioned on the cells of an image grid and a coarse cloud: the official upsampler."""

    def __init__(self, config: UpsamplerConfig):
        super().__init__(config)
        self.clip_embed = grid_embed(config)

    def forward(self, x: Tensor, t: Tensor, condition: Tensor, low_res: Tensor, condition_copies: int = 1) -> Tensor:
        """One evaluation.

        Args:
            x: [B, C, T] noisy input, scaled to unit variance.
            t: [B] timestep, 0 to 1023.
            condition: [B, K, cells] image grid; zeros for no condition.
            low_res: [B, C, N] coarse cloud in metres and RGB 0..255.
            condition_copies: how many equal cells each given cell stands for; without an image, one zero cell of 256
                copies gives what 256 zero cells give.

        Returns:
            [B, output_channels, T].
        """
        grid, coarse = self.clip_embed(condition.transpose(1, 2)), self.coarse_tokens(low_res)
        tokens, added = self.placed(self.time(t), self.config.time_token)
        after = coarse.shape[1] + x.shape[-1]
        bias = copies_bias(len(tokens), grid.shape[1], after, condition_copies, grid)
        if self.config.condition_added:
            added = [*added, grid.mean(dim=1)]
        return self.points_out(x, [*tokens, grid, coarse], added, bias)
