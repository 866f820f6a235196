# SPDX-License-Identifier: GPL-3.0-or-later
"""Networks that refine a cloud. Attribute names are exactly those of the official checkpoints.

Source: Nichol et al. 2022 (Point-E), section 4.3; tensor names and shapes of the released checkpoint.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from ..nn.linear import Linear
from ..nn.point_transformer import PointTransformer, PointTransformerConfig, copies_bias, grid_embed


@dataclass(frozen=True)
class UpsamplerConfig(PointTransformerConfig):
    """Size and conditioning of an upsampler.

    Attributes:
        cond_ctx: number of points in the coarse cloud (the network takes any number).
        cond_input_channels: channels of the coarse cloud; None for as many as the noisy input has.
        channel_scales: factors of the coarse cloud's channels (network space, RGB 0..255), or None.
        channel_biases: summands added after that, or None.
    """

    cond_ctx: int = 1024
    cond_input_channels: int | None = None
    channel_scales: tuple[float, ...] | None = None
    channel_biases: tuple[float, ...] | None = None


class PointUpsampler(PointTransformer):
    """The layers that all upsamplers share: one token per point of the coarse cloud, after all others."""

    channel_scales: Tensor | None
    channel_biases: Tensor | None

    def __init__(self, config: UpsamplerConfig):
        super().__init__(config)
        self.cond_point_proj = Linear(config.cond_input_channels or config.input_channels, config.width)
        for name in ("channel_scales", "channel_biases"):
            values = getattr(config, name)
            self.register_buffer(name, None if values is None else torch.tensor(values))

    def coarse_tokens(self, low_res: Tensor) -> Tensor:
        """Return tokens (B, N, D) float of a coarse cloud (B, C, N) float in network space and RGB 0..255."""
        if self.channel_scales is not None:
            low_res = low_res * self.channel_scales[None, :, None]
        if self.channel_biases is not None:
            low_res = low_res + self.channel_biases[None, :, None]
        return self.cond_point_proj(low_res.transpose(1, 2))


class UpsamplePointDiffusionTransformer(PointUpsampler):
    """Conditioned on a coarse cloud only."""

    def forward(self, x: Tensor, t: Tensor, low_res: Tensor) -> Tensor:
        """Evaluate x (B, C, T) float at t (B,) int64 for a coarse cloud low_res (B, C, N) float."""
        tokens, added = self.as_conditioning(self.embed_time(t), self.config.time_token)
        return self.run_backbone(x, [*tokens, self.coarse_tokens(low_res)], added)


class CLIPImageUpsamplePointDiffusionTransformer(PointUpsampler):
    """Conditioned on one vector, of a text or an image, and a coarse cloud: the small models' upsampler."""

    def __init__(self, config: UpsamplerConfig):
        super().__init__(config)
        self.clip_embed = Linear(config.condition_channels, config.width)

    def forward(self, x: Tensor, t: Tensor, condition: Tensor, low_res: Tensor) -> Tensor:
        """Evaluate x (B, C, T) float at t (B,) int64 for condition (B, K) float and low_res (B, C, N) float."""
        clip = self.clip_embed(condition * math.sqrt(condition.shape[-1]))
        clip_tokens, clip_added = self.as_conditioning(clip, self.config.condition_token)
        time_tokens, time_added = self.as_conditioning(self.embed_time(t), self.config.time_token)
        tokens = [*clip_tokens, *time_tokens, self.coarse_tokens(low_res)]
        return self.run_backbone(x, tokens, clip_added + time_added)


class CLIPImageGridUpsamplePointDiffusionTransformer(PointUpsampler):
    """Conditioned on the cells of an image grid and a coarse cloud: the official upsampler."""

    def __init__(self, config: UpsamplerConfig):
        super().__init__(config)
        self.clip_embed = grid_embed(config)

    def forward(self, x: Tensor, t: Tensor, condition: Tensor, low_res: Tensor, condition_copies: int = 1) -> Tensor:
        """Evaluate the network.

        Args:
            x: (B, C, T) float, noisy input scaled to unit variance.
            t: (B,) int64 timesteps, 0 to 1023.
            condition: (B, K, cells) float, image grid; zeros for no condition.
            low_res: (B, C, N) float, coarse cloud in network space and RGB 0..255.
            condition_copies: number of equal cells that each given cell represents; without an image, one zero cell
                with 256 copies gives the result of 256 zero cells.

        Returns:
            (B, output_channels, T) float.
        """
        grid, coarse = self.clip_embed(condition.transpose(1, 2)), self.coarse_tokens(low_res)
        tokens, added = self.as_conditioning(self.embed_time(t), self.config.time_token)
        after = coarse.shape[1] + x.shape[-1]
        bias = copies_bias(len(tokens), grid.shape[1], after, condition_copies, grid.dtype, grid.device)
        if self.config.condition_added:
            added = [*added, grid.mean(dim=1)]
        return self.run_backbone(x, [*tokens, grid, coarse], added, bias)
