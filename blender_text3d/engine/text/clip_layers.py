# SPDX-License-Identifier: GPL-3.0-or-later
"""The transformer that both of CLIP's towers are made of. Attribute names are the official checkpoint's.

Source: Radford et al. 2021 (CLIP), section 2.4; tensor names and shapes of the released ViT-L-14.pt.
"""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ..nn.linear import Linear, linear


def noise(*shape: int, std: float) -> nn.Parameter:
    """Random numbers to begin a training with; made so that the meta device, which only counts, imports nothing."""
    bound = math.sqrt(3) * std
    return nn.Parameter(torch.empty(shape).uniform_(-bound, bound))


class MultiheadAttention(nn.Module):
    """Self-attention whose queries, keys and values are one projection: all queries, all keys, all values."""

    def __init__(self, width: int, heads: int):
        super().__init__()
        self.heads = heads
        self.in_proj_weight = noise(3 * width, width, std=width**-0.5)
        self.in_proj_bias = nn.Parameter(torch.zeros(3 * width))
        self.out_proj = Linear(width, width)

    def forward(self, residual: Tensor, x: Tensor, causal: bool) -> Tensor:
        """Residual, x [B, T, D] -> their sum after attention; where causal, a token sees itself and those before it."""
        batch, tokens, width = x.shape
        projected = linear(x, self.in_proj_weight, self.in_proj_bias)
        query, key, value = projected.view(batch, tokens, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        mixed = F.scaled_dot_product_attention(query, key, value, is_causal=causal)
        return self.out_proj.onto(residual, mixed.transpose(1, 2).reshape(batch, tokens, width))


class MLP(nn.Module):
    """Linear, x sigmoid(1.702 x), linear, four times as wide in the middle.

    Source: Hendrycks and Gimpel 2016 (GELU), section 2: the sigmoid approximation, which CLIP was trained with.
    """

    def __init__(self, width: int):
        super().__init__()
        self.c_fc = Linear(width, 4 * width)
        self.c_proj = Linear(4 * width, width)

    def onto(self, residual: Tensor, x: Tensor) -> Tensor:
        """Residual [..., D], x [..., D] -> their sum after the layers, [..., D]."""
        h = self.c_fc(x)
        return self.c_proj.onto(residual, h * torch.sigmoid(1.702 * h))


class ResidualAttentionBlock(nn.Module):
    """x + attention(norm(x)), then x + mlp(norm(x))."""

    def __init__(self, width: int, heads: int):
        super().__init__()
        self.attn = MultiheadAttention(width, heads)
        self.ln_1 = nn.LayerNorm(width)
        self.mlp = MLP(width)
        self.ln_2 = nn.LayerNorm(width)

    def forward(self, x: Tensor, causal: bool) -> Tensor:
        """[B, T, D] -> [B, T, D]."""
        x = self.attn(x, self.ln_1(x), causal)
        return self.mlp.onto(x, self.ln_2(x))


class Transformer(nn.Module):
    """A stack of residual attention blocks, named `resblocks`."""

    def __init__(self, width: int, layers: int, heads: int):
        super().__init__()
        self.resblocks = nn.ModuleList(ResidualAttentionBlock(width, heads) for _ in range(layers))

    def forward(self, x: Tensor, causal: bool = False) -> Tensor:
        """[B, T, D] -> [B, T, D]."""
        for block in self.resblocks:
            x = block(x, causal)
        return x
