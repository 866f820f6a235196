# SPDX-License-Identifier: GPL-3.0-or-later
"""Cross-attention: few tokens read from many. Attribute names are the official checkpoints', letter for letter.

Source: tensor names and shapes of Point-E's released SDF checkpoint.
"""

from torch import Tensor, nn
from torch.nn import functional as F

from .linear import Linear
from .transformer import MLP

KeysValues = tuple[Tensor, Tensor]
"""Keys and values of one layer, [B, heads, N, D / heads] each."""


class MultiheadCrossAttention(nn.Module):
    """Queries from x, keys and values (interleaved per head: [head][k | v]) from the data."""

    def __init__(self, width: int, heads: int, data_width: int):
        super().__init__()
        self.heads = heads
        self.c_q = Linear(width, width)
        self.c_kv = Linear(data_width, 2 * width)
        self.c_proj = Linear(width, width)

    def keys_values(self, data: Tensor) -> KeysValues:
        """What every query reads of the data [B, N, C]; made once, however many queries come."""
        pair = self.c_kv(data).view(*data.shape[:2], self.heads, -1).transpose(1, 2)
        key, value = pair.chunk(2, dim=-1)
        return key.contiguous(), value.contiguous()

    def forward(self, residual: Tensor, x: Tensor, data: KeysValues) -> Tensor:
        """Residual [B, T, D], x [B, T, D] -> [B, T, D]: what x reads of the data, added to the residual."""
        batch, tokens, width = x.shape
        query = self.c_q(x).view(batch, tokens, self.heads, -1).transpose(1, 2)
        mixed = F.scaled_dot_product_attention(query, *data)
        return self.c_proj.onto(residual, mixed.transpose(1, 2).reshape(batch, tokens, width))


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
        """What this block reads of the data [B, N, C]."""
        return self.attn.keys_values(self.ln_2(data))

    def read(self, x: Tensor, data: KeysValues) -> Tensor:
        """X [B, T, D] -> [B, T, D], from keys and values made before."""
        x = self.attn(x, self.ln_1(x), data)
        return self.mlp.onto(x, self.ln_3(x))

    def forward(self, x: Tensor, data: Tensor) -> Tensor:
        """X [B, T, D], data [B, N, C] -> [B, T, D]."""
        return self.read(x, self.keys_values(data))


class SimplePerceiver(nn.Module):
    """A stack of cross-attention blocks, named `resblocks`; its tokens never see one another."""

    def __init__(self, width: int, layers: int, heads: int):
        super().__init__()
        self.resblocks = nn.ModuleList(ResidualCrossAttentionBlock(width, heads) for _ in range(layers))

    def keys_values(self, data: Tensor) -> list[KeysValues]:
        """What each block reads of the data [B, N, D]."""
        return [block.keys_values(data) for block in self.resblocks]

    def forward(self, x: Tensor, data: list[KeysValues]) -> Tensor:
        """X [B, T, D], what `keys_values` gave -> [B, T, D]."""
        for block, read in zip(self.resblocks, data, strict=True):
            x = block.read(x, read)
        return x
