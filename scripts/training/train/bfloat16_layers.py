# SPDX-License-Identifier: GPL-3.0-or-later
"""Layers of GLIDE's networks for training in bfloat16, a quarter faster than the engine's.

The engine's norms convert to float32, which no longer pays if the precision is bfloat16, and PyTorch's fused attention
has a slow gradient for short sequences on a CPU.
"""

from torch.nn import functional as F

from blender_text3d.engine.glide import blocks

from .accelerate import WithPlainAttention


def use_bfloat16_layers():
    """Replace the norms and the attention of GLIDE's blocks in this process."""
    blocks.GroupNorm.forward = norm
    blocks.GroupNorm.modulated = modulated_norm
    blocks.F = WithPlainAttention()


def norm(self, x):
    """Apply a group norm in the precision of its input."""
    return F.group_norm(x, self.num_groups, self.weight, self.bias, self.eps)


def modulated_norm(self, x, modulation):
    """Apply a group norm with the weights of each row, see `GroupNorm.modulated`."""
    weight, bias = (part.float() for part in modulation)
    rows = x.reshape(1, -1, *x.shape[2:])
    normed = F.group_norm(rows, len(x) * self.num_groups, weight.flatten(), bias.flatten(), self.eps)
    return normed.view(x.shape)
