# SPDX-License-Identifier: GPL-3.0-or-later
"""Training in bfloat16 with compiled steps: twice as fast on a CPU with AMX, by samples per processor second.

Weights, sums of the optimizer and losses stay float32. PyTorch's fused attention has a slow gradient for the short
sequences of the small models, so attention is computed as two products. What is compiled in bfloat16 must not take the
gradient of `amax` or `amin`, which is NaN there (`findings/pytorch-compile-amax-gradient-nan.sh`); that of
`max(dim).values` is right.
"""

import torch
from torch.nn import functional as F

from blender_text3d.engine.image import mini_image_tower
from blender_text3d.engine.nn import perceiver, transformer
from blender_text3d.engine.text import clip_layers

WITH_ATTENTION = perceiver, transformer, clip_layers, mini_image_tower
RECOMPILE_LIMIT = 64
"""PyTorch counts all that is compiled here as one function, and runs what is beyond its limit of 8 uncompiled
(`findings/pytorch-compile-shares-recompile-limit.sh`)."""
VECTOR_BITS = 256
"""With 512, gradients of the weights that a decoder generates are wrong
(`findings/pytorch-compile-transposed-bfloat16-gradient.sh`)."""


class WithPlainAttention:
    """`torch.nn.functional` with attention as two products."""

    def __getattr__(self, name):
        return getattr(F, name)

    @staticmethod
    def scaled_dot_product_attention(query, key, value, attn_mask=None, is_causal=False):
        """Return the attention's result, (B, H, T, C); there is none that is causal."""
        if is_causal:
            raise NotImplementedError("Causal attention is not computed as two products.")
        scores = (query * query.shape[-1] ** -0.5) @ key.transpose(-1, -2)
        scores = scores if attn_mask is None else scores + attn_mask
        return scores.softmax(-1).to(value.dtype) @ value


def add_arguments(parser):
    """Add the options of `accelerated` to a parser."""
    parser.add_argument("--bfloat16", action="store_true", help="for CPUs with bfloat16 and for GPUs")
    parser.add_argument("--compile", action="store_true", help="compile the step; needs a C++ compiler on a CPU")


def accelerated(function, arguments):
    """Return a function of tensors in the precision and the form that the options ask for."""
    for module in WITH_ATTENTION:
        module.F = WithPlainAttention()

    def in_precision(*tensors):
        with torch.autocast(torch.device(arguments.device).type, torch.bfloat16, enabled=arguments.bfloat16):
            return function(*tensors)

    if not arguments.compile:
        return in_precision
    torch._dynamo.config.recompile_limit = RECOMPILE_LIMIT
    if torch.backends.cpu.get_cpu_capability() == "AVX512":
        torch._inductor.config.cpp.simdlen = VECTOR_BITS
    return torch.compile(in_precision)


def in_float32(function):
    """Return a function whose result is float32."""
    return lambda *tensors: function(*tensors).float()
