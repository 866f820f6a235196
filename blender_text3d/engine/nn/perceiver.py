# SPDX-License-Identifier: GPL-3.0-or-later
"""Cross-attention: few tokens attend to many. Attribute names are exactly those of the official checkpoints.

Source: tensor names and shapes of Point-E's released SDF checkpoint.
"""

from typing import cast

from torch import Tensor, nn
from torch.nn import functional as F

from .linear import Linear
from .transformer import MLP

KeysValues = tuple[Tensor, Tensor]
"""Keys and values of one layer, (B, heads, N, D / heads) float each."""


class MultiheadCrossAttention(nn.Module):
    """Queries from x, keys and values (interleaved per head: [head][k | v]) from the data."""

    def __init__(self, width: int, heads: int, data_width: int):
        super().__init__()
        self.heads = heads
        self.c_q = Linear(width, width)
        self.c_kv = Linear(data_width, 2 * width)
        self.c_proj = Linear(width, width)

    def keys_values(self, data: Tensor) -> KeysValues:
        """Return keys and values of the data (B, N, C) float; computed once for any number of queries."""
        pair = self.c_kv(data).view(*data.shape[:2], self.heads, -1).transpose(1, 2)
        key, value = pair.chunk(2, dim=-1)
        return key.contiguous(), value.contiguous()

    def forward(self, residual: Tensor, x: Tensor, data: KeysValues) -> Tensor:
        """Return residual (B, T, D) float plus the attention of x (B, T, D) float to the data, (B, T, D) float."""
        batch, tokens, width = x.shape
        query = self.c_q(x).view(batch, tokens, self.heads, -1).transpose(1, 2)
        mixed = F.scaled_dot_product_attention(query, *data)
        return self.c_proj.add_to(residual, mixed.transpose(1, 2).reshape(batch, tokens, width))


class ResidualCrossAttentionBlock(nn.Module):
    """x + cross-attention(norm(x), norm(data)), then x + mlp(norm(x))."""

    def __init__(self, width: int, heads: int, data_width: int | None = None):
        super().__init__()
        data_width = data_width or width
        self.attn = MultiheadCrossAttention(width, heads, data_width)
        self.ln_1 = nn.LayerNorm(width)
        self.ln_2 = nn.LayerNorm(data_width)
        self.mlp = MLP(width)
        self.ln_3 = nn.LayerNorm(width)

    def keys_values(self, data: Tensor) -> KeysValues:
        """Return this block's keys and values of the data (B, N, C) float."""
        return self.attn.keys_values(self.ln_2(data))

    def attend(self, x: Tensor, data: KeysValues) -> Tensor:
        """Apply the block to x (B, T, D) float with precomputed keys and values; (B, T, D) float."""
        x = self.attn(x, self.ln_1(x), data)
        return self.mlp.add_to(x, self.ln_3(x))

    def forward(self, x: Tensor, data: Tensor) -> Tensor:
        """Apply the block: x (B, T, D) float, data (B, N, C) float -> (B, T, D) float."""
        return self.attend(x, self.keys_values(data))


class SimplePerceiver(nn.Module):
    """A stack of cross-attention blocks, named `resblocks`; its tokens do not attend to each other."""

    def __init__(self, width: int, layers: int, heads: int):
        super().__init__()
        self.resblocks = nn.ModuleList(ResidualCrossAttentionBlock(width, heads) for _ in range(layers))

    @property
    def blocks(self) -> list[ResidualCrossAttentionBlock]:
        """The blocks, first to last."""
        return [cast(ResidualCrossAttentionBlock, block) for block in self.resblocks]

    def keys_values(self, data: Tensor) -> list[KeysValues]:
        """Return each block's keys and values of the data (B, N, D) float."""
        return [block.keys_values(data) for block in self.blocks]

    def forward(self, x: Tensor, data: list[KeysValues]) -> Tensor:
        """Apply the blocks: x (B, T, D) float, the result of `keys_values` -> (B, T, D) float."""
        for block, keys_values in zip(self.blocks, data, strict=True):
            x = block.attend(x, keys_values)
        return x
