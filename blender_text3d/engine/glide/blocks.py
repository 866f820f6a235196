# SPDX-License-Identifier: GPL-3.0-or-later
"""Blocks of GLIDE's UNet. Attribute names are exactly those of the official checkpoints.

In half precision convolutions, norms and attention take and give float16; everything of the timestep is float32.

Source: Dhariwal and Nichol 2021, section 3; tensor names and shapes of the released checkpoints.
"""

from collections.abc import Callable
from typing import NamedTuple, cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ..nn.linear import Linear, linear

GROUPS = 32


KeysValues = Tensor
"""The text's keys and, after them, its values of one attention block, (B, heads, L, 2 C / heads) float."""


class Modulation(NamedTuple):
    """Weight and bias of a residual block's second norm at a timestep, (B, C') float each."""

    weight: Tensor
    bias: Tensor


class GroupNorm(nn.GroupNorm):
    """Group norm for an input of any precision, in float32 unless its own numbers are of that precision.

    Half of the kernels of a half-precision network would convert its inputs; CUDA's norms sum up in float32 anyway.
    """

    def __init__(self, channels: int, groups: int = GROUPS):
        super().__init__(groups, channels)

    def forward(self, x: Tensor) -> Tensor:
        """Apply the norm: (B, C, H, W) float -> (B, C, H, W) float."""
        return super().forward(x.to(self.weight.dtype)).to(x.dtype)

    def modulation(self, scale: Tensor, shift: Tensor) -> Modulation:
        """Return weight and bias of norm(x) (1 + scale) + shift for scale and shift (B, C) float32."""
        factor = 1 + scale
        return Modulation(self.weight * factor, self.bias * factor + shift)

    def modulated(self, x: Tensor, modulation: Modulation) -> Tensor:
        """Return norm(x) with other weights in one pass: each row is a set of groups with its own.

        Args:
            x: (B, C, H, W) float.
            modulation: in float32, or in the precision of x.

        Returns:
            (B, C, H, W) float.
        """
        weight, bias = modulation
        rows = x.to(weight.dtype).reshape(1, -1, *x.shape[2:])
        normed = F.group_norm(rows, len(x) * self.num_groups, weight.flatten(), bias.flatten(), self.eps)
        return normed.view(x.shape).to(x.dtype)


def shrink(x: Tensor) -> Tensor:
    """Average squares of four pixels: (B, C, H, W) float -> (B, C, H / 2, W / 2) float."""
    return F.avg_pool2d(x, 2)


def grow(x: Tensor) -> Tensor:
    """Repeat each pixel in a square of four: (B, C, H, W) float -> (B, C, 2 H, 2 W) float."""
    return F.interpolate(x, scale_factor=2, mode="nearest")


def silu(x: Tensor) -> Tensor:
    """Apply x sigmoid(x) to a tensor that nobody else needs."""
    return F.silu(x, inplace=not torch.is_grad_enabled())


class ResidualBlock(nn.Module):
    """Two convolutions around the timestep's scale and shift; x itself is added, resized if the block resizes."""

    def __init__(
        self,
        channels: int,
        out_channels: int,
        time_channels: int,
        resize: Callable[[Tensor], Tensor] | None = None,
        groups: int = GROUPS,
    ):
        super().__init__()
        self.resize = resize
        conv = nn.Conv2d(channels, out_channels, 3, padding=1)
        self.in_layers = nn.Sequential(GroupNorm(channels, groups), nn.SiLU(), conv)
        self.emb_layers = nn.Sequential(nn.SiLU(), Linear(time_channels, 2 * out_channels))
        conv = nn.Conv2d(out_channels, out_channels, 3, padding=1)
        self.out_layers = nn.Sequential(GroupNorm(out_channels, groups), nn.SiLU(), nn.Identity(), conv)
        is_same = channels == out_channels
        self.skip_connection = nn.Identity() if is_same else nn.Conv2d(channels, out_channels, 1)

    def modulation(self, embedding: Tensor) -> Modulation:
        """Return what the block needs of timestep and text, of their embedding (B, E) float32."""
        scale, shift = self.emb_layers(embedding).chunk(2, dim=1)
        return cast(GroupNorm, self.out_layers[0]).modulation(scale, shift)

    def forward(self, x: Tensor, modulation: Modulation) -> Tensor:
        """Apply the block.

        Args:
            x: (B, C, H, W) float.
            modulation: of timestep and text.

        Returns:
            (B, C', H', W') float, half or twice as large if the block resizes.
        """
        h = silu(self.in_layers[0](x))
        if self.resize:
            h, x = self.resize(h), self.resize(x)
        h = self.in_layers[2](h)
        h = silu(cast(GroupNorm, self.out_layers[0]).modulated(h, modulation))
        return self.out_layers[3](h).add_(self.skip_connection(x))


class AttentionBlock(nn.Module):
    """x + attention from the picture's places to the text's and the picture's; the convolutions are of width 1."""

    def __init__(self, channels: int, head_channels: int, text_width: int, groups: int = GROUPS):
        super().__init__()
        self.heads = channels // head_channels
        self.norm = GroupNorm(channels, groups)
        self.qkv = nn.Conv1d(channels, 3 * channels, 1)
        self.encoder_kv = nn.Conv1d(text_width, 2 * channels, 1)
        self.proj_out = nn.Conv1d(channels, channels, 1)

    def text_keys_values(self, xf_out: Tensor) -> KeysValues:
        """Return this block's keys and values of the text (B, D, L) float32; they are the same at every step."""
        rows = xf_out.transpose(1, 2).to(self.encoder_kv.weight.dtype)
        return self._heads(linear(rows, self.encoder_kv.weight[:, :, 0], self.encoder_kv.bias))

    def forward(self, x: Tensor, text: KeysValues) -> Tensor:
        """Apply the block: (B, C, H, W) float -> (B, C, H, W) float."""
        rows = self.norm(x).flatten(2).transpose(1, 2).contiguous()
        own = self._heads(linear(rows, self.qkv.weight[:, :, 0], self.qkv.bias))
        size = own.shape[-1] // 3
        keys, values = torch.cat([text, own[..., size:]], dim=2).chunk(2, dim=-1)
        mixed = F.scaled_dot_product_attention(own[..., :size], keys, values).transpose(1, 2).reshape(rows.shape)
        mixed = linear(mixed, self.proj_out.weight[:, :, 0], self.proj_out.bias).transpose(1, 2)
        return (x.flatten(2) + mixed).view(x.shape)

    def _heads(self, rows: Tensor) -> Tensor:
        """View (B, T, parts C) float, [head][part], as (B, heads, T, parts C / heads) float."""
        return rows.view(*rows.shape[:2], self.heads, -1).transpose(1, 2)
