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
from .blocks import AttentionBlock, GroupNorm, KeysValues, Modulation, ResidualBlock, grow, shrink, silu
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
        """Convert convolutions and norms to float16, except for the last ones and the modulated; return the network."""
        for module in self._layers():
            if isinstance(module, nn.Conv1d | nn.Conv2d | nn.GroupNorm):
                module.half()
        for block in self._residual_blocks():
            block.out_layers[0].float()
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
        return self.evaluate(x, t, text, self.modulations(t, text.xf_proj), low_res)

    def modulations(self, t: Tensor, xf_proj: Tensor) -> list[Modulation]:
        """Return what the residual blocks need of timesteps (B,) int64 and texts (B, E) float32, in their order."""
        embedding = self.time_embed(timestep_embedding(t, self.config.num_channels)) + xf_proj
        return [block.modulation(embedding) for block in self._residual_blocks()]

    def evaluate(
        self, x: Tensor, t: Tensor, text: TextCondition, modulations: list[Modulation], low_res: Tensor | None = None
    ) -> Tensor:
        """Return the same as `forward` with the modulations of its timesteps and texts."""
        seen, patch = x, self.config.patch
        if low_res is not None:
            seen = torch.cat([x, F.interpolate(low_res, x.shape[2:], mode="bilinear", align_corners=False)], dim=1)
        places = F.pixel_unshuffle(seen, patch) if patch > 1 else seen
        output = self._run(places, modulations, text.keys_values)
        output = F.pixel_shuffle(output, patch) if patch > 1 else output
        return noise_of_velocity(output, x, t) if self.config.velocity else output

    def _run(self, x: Tensor, modulations: list[Modulation], keys_values: tuple[KeysValues, ...]) -> Tensor:
        given = iter(modulations), iter(keys_values)
        h, kept = x.to(self.precision), []
        for block in self.input_blocks:
            h = _apply(block, h, *given)
            kept.append(h)
        h = _apply(self.middle_block, h, *given)
        for block in self.output_blocks:
            h = _apply(block, torch.cat([h, kept.pop()], dim=1), *given)
        return self.out[2](silu(self.out[0](h.float())))

    @property
    def precision(self) -> torch.dtype:
        """The dtype of the convolutions."""
        return next(self.input_blocks.parameters()).dtype

    def _layers(self) -> Iterator[nn.Module]:
        """Yield all layers between the first and the last one, in the order of evaluation."""
        for blocks in (self.input_blocks, self.middle_block, self.output_blocks):
            yield from blocks.modules()

    def _attention_blocks(self) -> Iterator[AttentionBlock]:
        return (module for module in self._layers() if isinstance(module, AttentionBlock))

    def _residual_blocks(self) -> Iterator[ResidualBlock]:
        return (module for module in self._layers() if isinstance(module, ResidualBlock))


def _apply(block: nn.Module, h: Tensor, modulations: Iterator[Modulation], keys_values: Iterator[KeysValues]) -> Tensor:
    """Apply the layers of a block, each with what it takes besides the picture."""
    for layer in cast(nn.ModuleList, block):
        if isinstance(layer, ResidualBlock):
            h = layer(h, next(modulations))
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
