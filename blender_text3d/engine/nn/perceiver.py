# SPDX-License-Identifier: GPL-3.0-or-later
"""Cross-attention: few tokens read from many. Attribute names are the official checkpoints', letter for letter.

Source: tensor names and shapes of Point-E's released SDF checkpoint.
"""

from torch import Tensor, nn
from torch.nn import functional as F

from .transformer import MLP


class MultiheadCrossAttention(nn.Module):
    """Queries from x, keys and values (interleaved per head: [head][k | v]) from the data."""

    def __init__(self, width: int, heads: int, data_width: int):
        super().__init__()
        self.heads = heads
        self.c_q = nn.Linear(width, width)
        self.c_kv = nn.Linear(data_width, 2 * width)
        self.c_proj = nn.Linear(width, width)

    def forward(self, x: Tensor, data: Tensor) -> Tensor:
        """X [B, T, D], data [B, N, C] -> [B, T, D]."""
        batch, tokens, width = x.shape
        query = self.c_q(x).view(batch, tokens, self.heads, -1).transpose(1, 2)
        pair = self.c_kv(data).view(batch, data.shape[1], self.heads, -1).transpose(1, 2)
        key, value = pair.chunk(2, dim=-1)
        mixed = F.scaled_dot_product_attention(query, key, value)
        return self.c_proj(mixed.transpose(1, 2).reshape(batch, tokens, width))


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

    def forward(self, x: Tensor, data: Tensor) -> Tensor:
        """X [B, T, D], data [B, N, C] -> [B, T, D]."""
        x = x + self.attn(self.ln_1(x), self.ln_2(data))
        return x + self.mlp(self.ln_3(x))
