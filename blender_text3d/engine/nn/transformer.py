# SPDX-License-Identifier: GPL-3.0-or-later
"""The pre-norm transformer of Point-E and Shap-E. Attribute names are exactly those of the official checkpoints.

Source: tensor names and shapes of the released Point-E and Shap-E checkpoints.
"""

from torch import Tensor, nn
from torch.nn import functional as F

from .linear import Linear


class MultiheadAttention(nn.Module):
    """Self-attention whose query, key and value are one projection, interleaved per head: [head][q | k | v]."""

    def __init__(self, width: int, heads: int):
        super().__init__()
        self.heads = heads
        self.c_qkv = Linear(width, 3 * width)
        self.c_proj = Linear(width, width)

    def forward(self, residual: Tensor, x: Tensor, first: int = 0, key_bias: Tensor | None = None) -> Tensor:
        """Let token `first` and the later ones attend to all tokens.

        Args:
            residual: (B, T - first, D) float, to which the result is added.
            x: (B, T, D) float.
            first: the first token to compute.
            key_bias: (1, 1, 1, T) float, added to every query's score for a key; log(n) weights a token n times.

        Returns:
            (B, T - first, D) float.
        """
        batch, tokens, width = x.shape
        qkv = self.c_qkv(x).view(batch, tokens, self.heads, -1).transpose(1, 2)
        query, key, value = qkv.chunk(3, dim=-1)
        mixed = F.scaled_dot_product_attention(query[:, :, first:], key, value, attn_mask=key_bias)
        return self.c_proj.add_to(residual, mixed.transpose(1, 2).reshape(batch, tokens - first, width))


class MLP(nn.Module):
    """Linear, exact GELU, linear; the hidden layer is four times as wide."""

    def __init__(self, width: int):
        super().__init__()
        self.c_fc = Linear(width, 4 * width)
        self.c_proj = Linear(4 * width, width)

    def forward(self, x: Tensor) -> Tensor:
        """Apply the layers: (..., D) float -> (..., D) float."""
        return self.c_proj(self.c_fc(x, "gelu"))

    def add_to(self, residual: Tensor, x: Tensor) -> Tensor:
        """Return residual (..., D) float plus the layers of x (..., D) float, (..., D) float."""
        return self.c_proj.add_to(residual, self.c_fc(x, "gelu"))


class ResidualAttentionBlock(nn.Module):
    """x + attention(norm(x)), then x + mlp(norm(x))."""

    def __init__(self, width: int, heads: int):
        super().__init__()
        self.attn = MultiheadAttention(width, heads)
        self.ln_1 = nn.LayerNorm(width)
        self.mlp = MLP(width)
        self.ln_2 = nn.LayerNorm(width)

    def forward(self, x: Tensor, first: int = 0, key_bias: Tensor | None = None) -> Tensor:
        """Apply the block: (B, T, D) float -> (B, T - first, D) float; see `MultiheadAttention`."""
        x = self.attn(x[:, first:], self.ln_1(x), first, key_bias)
        return self.mlp.add_to(x, self.ln_2(x))


class Transformer(nn.Module):
    """A stack of residual attention blocks, named `resblocks`."""

    def __init__(self, width: int, layers: int, heads: int):
        super().__init__()
        self.resblocks = nn.ModuleList(ResidualAttentionBlock(width, heads) for _ in range(layers))

    def forward(self, x: Tensor, first: int = 0, key_bias: Tensor | None = None) -> Tensor:
        """Apply the blocks: (B, T, D) float -> (B, T - first, D) float; the last block computes only these tokens."""
        for block in self.resblocks[:-1]:
            x = block(x, 0, key_bias)
        return self.resblocks[-1](x, first, key_bias)
