# SPDX-License-Identifier: GPL-3.0-or-later
"""Linear layers by the fastest float32 product that PyTorch brings for a CPU.

`nn.Linear` asks MKL, which holds back on processors that Intel did not make. oneDNN, of the same packages, does
not, and adds activation or residual while the product is still in the cache: 105 against 90 GFLOP a second on one core
of an AMD Zen 4. Its operators are those that `torch.compile` puts in and may change, so they are tried once; where they
are missing or wrong, where a gradient is wanted and on everything but float32 on a CPU, the plain functions serve. Both
give the same but for the last bits. Some of oneDNN's ways for weights with gaps between their rows are a thousand times
slower, so such weights are copied first.

Source: PyTorch, aten/src/ATen/native/mkldnn/Linear.cpp (names and arguments of the operators).
"""

from functools import cache
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional as F

Activation = Literal["none", "gelu", "silu"]

LARGE = 512 * 512
"""So many weights, and oneDNN gains. Smaller products, and those of ever other numbers of rows, lose: it makes and
keeps a program for each shape, which took the small models a tenth more time and 200 MB."""

_ACTIVATIONS = {"none": lambda x: x, "gelu": F.gelu, "silu": F.silu}
_ONEDNN_NAMES = {"none": ("none", ""), "gelu": ("gelu", "none"), "silu": ("swish", "")}
"""What oneDNN calls the activation, and which of its formulas; GELU's "none" is the exact one."""


def linear(x: Tensor, weight: Tensor, bias: Tensor | None = None, activation: Activation = "none") -> Tensor:
    """activation(x W^T + b).

    Args:
        x: [..., I].
        weight: [O, I].
        bias: [O].
        activation: what is done to each number.

    Returns:
        [..., O].
    """
    if serves(x, weight):
        return _onednn(x, weight, bias, activation)
    return _ACTIVATIONS[activation](F.linear(x, weight, bias))


def linear_onto(residual: Tensor, x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """Residual [..., O] + x [..., I] W^T + b -> [..., O]; see `linear`."""
    if serves(x, weight):
        return _onednn_onto(residual, x, weight, bias)
    return residual + F.linear(x, weight, bias)


class Linear(nn.Linear):
    """`nn.Linear` with what follows it in a transformer: an activation, or the sum with a residual."""

    def forward(self, x: Tensor, activation: Activation = "none") -> Tensor:
        """[..., I] -> [..., O]."""
        return linear(x, self.weight, self.bias, activation)

    def onto(self, residual: Tensor, x: Tensor) -> Tensor:
        """Residual [..., O], x [..., I] -> their sum after the layer, [..., O]."""
        return linear_onto(residual, x, self.weight, self.bias)


def serves(x: Tensor, weight: Tensor) -> bool:
    """Whether oneDNN computes x [..., I] times weight [O, I]; `torch.backends.mkldnn.enabled = False` forbids it."""
    return (
        x.device.type == "cpu"
        and x.dtype == weight.dtype == torch.float32
        and x.dim() > 1
        and x.numel() > 0
        and not torch.is_grad_enabled()
        and weight.numel() >= LARGE
        and torch.backends.mkldnn.enabled
        and _is_right()
    )


def _onednn(x: Tensor, weight: Tensor, bias: Tensor | None, activation: Activation) -> Tensor:
    name, formula = _ONEDNN_NAMES[activation]
    return torch.ops.mkldnn._linear_pointwise(x, weight.contiguous(), bias, name, [], formula)


def _onednn_onto(residual: Tensor, x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
    return torch.ops.mkldnn._linear_pointwise.binary(x, residual, weight.contiguous(), bias, "add")


@cache
def _is_right() -> bool:
    """Whether this PyTorch has the operators and they do what we think they do."""
    x, weight, bias, residual = (torch.arange(n, dtype=torch.float32).sin() for n in (12, 20, 5, 15))
    x, weight, residual = x.view(3, 4), weight.view(5, 4), residual.view(3, 5)
    plain = F.linear(x, weight, bias)
    try:
        pairs = [(_onednn(x, weight, bias, name), then(plain)) for name, then in _ACTIVATIONS.items()]
        pairs.append((_onednn_onto(residual, x, weight, bias), residual + plain))
    except (AttributeError, RuntimeError, TypeError):  # NotImplementedError is a RuntimeError
        return False
    return all(torch.allclose(ours, expected, atol=1e-5) for ours, expected in pairs)
