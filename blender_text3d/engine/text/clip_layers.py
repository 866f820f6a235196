# SPDX-License-Identifier: GPL-3.0-or-later
"""The transformer of both CLIP towers. Attribute names are the official checkpoint's.

Source: Radford et al. 2021 (CLIP), section 2.4; tensor names and shapes of the released ViT-L-14.pt.
"""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ..nn.linear import Linear, linear


def init_uniform(*shape: int, std: float) -> nn.Parameter:
    """Return a uniformly initialized parameter, without the imports that normal_ needs on the meta device."""
    bound = math.sqrt(3) * std
    return nn.Parameter(torch.empty(shape).uniform_(-bound, bound))


class MultiheadAttention(nn.Module):
    """Self-attention whose queries, keys and values are one projection: all queries, all keys, all values."""

    def __init__(self, width: int, heads: int):
        super().__init__()
        self.heads = heads
        self.in_proj_weight = init_uniform(3 * width, width, std=width**-0.5)
        self.in_proj_bias = nn.Parameter(torch.zeros(3 * width))
        self.out_proj = Linear(width, width)

    def forward(self, residual: Tensor, x: Tensor, causal: bool) -> Tensor:
        """Add attention over x to residual, both `(B, T, D) float32`; causal hides later tokens from each token."""
        batch, tokens, width = x.shape
        projected = linear(x, self.in_proj_weight, self.in_proj_bias)
        query, key, value = projected.view(batch, tokens, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        mixed = F.scaled_dot_product_attention(query, key, value, is_causal=causal)
        return self.out_proj.add_to(residual, mixed.transpose(1, 2).reshape(batch, tokens, width))


class MLP(nn.Module):
    """Linear, x sigmoid(1.702 x), linear; four times as wide in the middle.

    Source: Hendrycks and Gimpel 2016 (GELU), section 2: the sigmoid approximation that CLIP was trained with.
    """

    def __init__(self, width: int):
        super().__init__()
        self.c_fc = Linear(width, 4 * width)
        self.c_proj = Linear(4 * width, width)

    def add_to(self, residual: Tensor, x: Tensor) -> Tensor:
        """Add the layers' output for x to residual, both `(..., D) float32`."""
        h = self.c_fc(x)
        return self.c_proj.add_to(residual, h * torch.sigmoid(1.702 * h))


class ResidualAttentionBlock(nn.Module):
    """x + attention(norm(x)), then x + mlp(norm(x))."""

    def __init__(self, width: int, heads: int):
        super().__init__()
        self.attn = MultiheadAttention(width, heads)
        self.ln_1 = nn.LayerNorm(width)
        self.mlp = MLP(width)
        self.ln_2 = nn.LayerNorm(width)

    def forward(self, x: Tensor, causal: bool) -> Tensor:
        """`(B, T, D) float32` -> `(B, T, D) float32`."""
        x = self.attn(x, self.ln_1(x), causal)
        return self.mlp.add_to(x, self.ln_2(x))


class Transformer(nn.Module):
    """A stack of residual attention blocks, named `resblocks`."""

    def __init__(self, width: int, layers: int, heads: int):
        super().__init__()
        self.resblocks = nn.ModuleList(ResidualAttentionBlock(width, heads) for _ in range(layers))

    def forward(self, x: Tensor, causal: bool = False) -> Tensor:
        """`(B, T, D) float32` -> `(B, T, D) float32`."""
        for block in self.resblocks:
            x = block(x, causal)
        return x
