# SPDX-License-Identifier: GPL-3.0-or-later
"""GLIDE's UNet: noisy picture, timestep and text to the noise. Attribute names are the official checkpoints'.

Source: Nichol et al. 2021 (GLIDE), section 4; Dhariwal and Nichol 2021, section 3; tensor names and shapes of the
released checkpoints.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple, cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ..nn.embedding import timestep_embedding
from ..nn.linear import Linear
from .blocks import AttentionBlock, GroupNorm, KeysValues, ResidualBlock, grow, shrink, silu
from .configs import GlideConfig
from .text_transformer import TextFeatures
from .velocity import noise_of_velocity


class TextCondition(NamedTuple):
    """Texts as a network needs them at every step.

    Attributes:
        xf_proj: (B, E) float32, summand of the timestep's embedding.
        keys_values: keys and values of each attention block, in the order of evaluation.
    """

    xf_proj: Tensor
    keys_values: tuple[KeysValues, ...]


class UNet(nn.Module):
    """The network of a configuration without its text transformer, which runs once, and so can be released before."""

    def __init__(self, config: GlideConfig):
        super().__init__()
        self.config = config
        self.time_embed = nn.Sequential(
            Linear(config.num_channels, config.time_channels),
            nn.SiLU(),
            Linear(config.time_channels, config.time_channels),
        )
        builder = _Builder(config)
        self.input_blocks = builder.input_blocks()
        self.middle_block = builder.middle_block()
        self.output_blocks = builder.output_blocks()
        conv = nn.Conv2d(builder.channels, config.output_channels, 3, padding=1)
        self.out = nn.Sequential(GroupNorm(builder.channels, config.groups), nn.SiLU(), conv)

    def to_half(self) -> "UNet":
        """Convert the convolutions to float16, except for the last one; return the network."""
        for blocks in (self.input_blocks, self.middle_block, self.output_blocks):
            for module in blocks.modules():
                if isinstance(module, nn.Conv1d | nn.Conv2d):
                    module.half()
        return self

    def condition(self, features: TextFeatures) -> TextCondition:
        """Return what every step needs of texts; computed once for a run."""
        return TextCondition(
            features.xf_proj, tuple(block.text_keys_values(features.xf_out) for block in self._attention_blocks())
        )

    def forward(self, x: Tensor, t: Tensor, text: TextCondition, low_res: Tensor | None = None) -> Tensor:
        """Predict the noise in a picture.

        Args:
            x: (B, 3, H, W) float32, the noisy picture.
            t: (B,) int64, or float32 unless the layers estimate the velocity; timesteps of the 1,000.
            text: the condition of B texts.
            low_res: (B, 3, h, w) float32, the picture to enlarge, for a network that does.

        Returns:
            (B, 6, H, W) float32: the noise, and the fraction that determines its variance.
        """
        seen = x
        if low_res is not None:
            seen = torch.cat([x, F.interpolate(low_res, x.shape[2:], mode="bilinear", align_corners=False)], dim=1)
        output = F.pixel_shuffle(self._layers(F.pixel_unshuffle(seen, self.config.patch), t, text), self.config.patch)
        return noise_of_velocity(output, x, t) if self.config.velocity else output

    def _layers(self, x: Tensor, t: Tensor, text: TextCondition) -> Tensor:
        embedding = self.time_embed(timestep_embedding(t, self.config.num_channels)) + text.xf_proj
        keys_values = iter(text.keys_values)
        h, kept = x.to(self._precision), []
        for block in self.input_blocks:
            h = _apply(block, h, embedding, keys_values)
            kept.append(h)
        h = _apply(self.middle_block, h, embedding, keys_values)
        for block in self.output_blocks:
            h = _apply(block, torch.cat([h, kept.pop()], dim=1), embedding, keys_values)
        return self.out[2](silu(self.out[0](h.float())))

    @property
    def _precision(self) -> torch.dtype:
        return next(self.input_blocks.parameters()).dtype  # the first convolution's

    def _attention_blocks(self) -> Iterator[AttentionBlock]:
        for blocks in (self.input_blocks, self.middle_block, self.output_blocks):
            yield from (module for module in blocks.modules() if isinstance(module, AttentionBlock))


def _apply(block: nn.Module, h: Tensor, embedding: Tensor, keys_values: Iterator[KeysValues]) -> Tensor:
    """Apply the layers of a block, each with what it takes besides the picture."""
    for layer in cast(nn.ModuleList, block):
        if isinstance(layer, ResidualBlock):
            h = layer(h, embedding)
        elif isinstance(layer, AttentionBlock):
            h = layer(h, next(keys_values))
        else:
            h = layer(h)
    return h


class _Builder:
    """Builds the blocks in order.

    Attributes:
        channels: channels of the last block's result.
    """

    def __init__(self, config: GlideConfig):
        self.config = config
        self.channels = config.num_channels * config.channel_mult[0]
        self._shrinking = config.patch
        self._kept: list[int] = []

    def input_blocks(self) -> nn.ModuleList:
        """Return the blocks that shrink the picture level by level; every result is kept for the way back."""
        blocks: list[nn.ModuleList] = []
        first = nn.Conv2d(self.config.input_channels, self.channels, 3, padding=1)
        self._keep(blocks, first)
        for level, factor in enumerate(self.config.channel_mult):
            for _ in range(self.config.num_res_blocks):
                self._keep(blocks, self._residual(self.channels, factor), *self._attention())
            if level < len(self.config.channel_mult) - 1:
                self._keep(blocks, self._resizing(shrink))
                self._shrinking *= 2
        return nn.ModuleList(blocks)

    def middle_block(self) -> nn.ModuleList:
        """Return the layers of the deepest level between the ways down and up."""
        first, last = (self._resizing(None) for _ in range(2))
        return nn.ModuleList([first, self._attention_block(), last])

    def output_blocks(self) -> nn.ModuleList:
        """Return the blocks that enlarge the picture; attention comes before growing."""
        blocks = []
        for level, factor in reversed(list(enumerate(self.config.channel_mult))):
            for index in range(self.config.num_res_blocks + 1):
                layers = [self._residual(self.channels + self._kept.pop(), factor), *self._attention()]
                if level and index == self.config.num_res_blocks:
                    layers.append(self._resizing(grow))
                    self._shrinking //= 2
                blocks.append(nn.ModuleList(layers))
        return nn.ModuleList(blocks)

    def _keep(self, blocks: list[nn.ModuleList], *layers: nn.Module) -> None:
        blocks.append(nn.ModuleList(layers))
        self._kept.append(self.channels)

    def _residual(self, channels: int, factor: int) -> ResidualBlock:
        self.channels = self.config.num_channels * factor
        return ResidualBlock(channels, self.channels, self.config.time_channels, groups=self.config.groups)

    def _resizing(self, resize: Callable[[Tensor], Tensor] | None) -> ResidualBlock:
        return ResidualBlock(self.channels, self.channels, self.config.time_channels, resize, self.config.groups)

    def _attention(self) -> list[nn.Module]:
        return [self._attention_block()] if self.config.has_attention(self._shrinking) else []

    def _attention_block(self) -> AttentionBlock:
        return AttentionBlock(self.channels, self.config.num_head_channels, self.config.xf_width, self.config.groups)
