# SPDX-License-Identifier: GPL-3.0-or-later
"""Linear layers by the fastest float32 matrix product that PyTorch offers on a CPU.

`nn.Linear` calls MKL, which is slower on processors not made by Intel. oneDNN, which PyTorch includes too, is not, and
fuses the activation or the residual sum while the product is still in the cache: 105 instead of 90 GFLOP/s on one
core of an AMD Zen 4. Its operators are internal ones that `torch.compile` inserts and may change, so they are checked
once. If they are missing or wrong, if a gradient is required, and for anything but float32 on a CPU, the plain
functions are used. Both give the same result except for the last bits. Some of oneDNN's kernels for weights that are
not contiguous are a thousand times slower, so such weights are copied first.

Source: PyTorch, aten/src/ATen/native/mkldnn/Linear.cpp (names and arguments of the operators).
"""

from collections.abc import Callable
from functools import cache
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional as F

Activation = Literal["none", "gelu", "silu"]

MIN_ONEDNN_WEIGHTS = 512 * 512
"""Least number of weights for which oneDNN is faster. Smaller products with ever-changing numbers of rows are slower:
it compiles and keeps a kernel per shape, which cost the small models 10 % more time and 200 MB."""

_ACTIVATIONS: dict[Activation, Callable[[Tensor], Tensor]] = {"none": lambda x: x, "gelu": F.gelu, "silu": F.silu}
_ONEDNN_NAMES: dict[Activation, tuple[str, str]] = {
    "none": ("none", ""),
    "gelu": ("gelu", "none"),
    "silu": ("swish", ""),
}
"""oneDNN's name of the activation and its algorithm; GELU's "none" is the exact one."""


def linear(x: Tensor, weight: Tensor, bias: Tensor | None = None, activation: Activation = "none") -> Tensor:
    """Return activation(x W^T + b).

    Args:
        x: (..., I) float.
        weight: (O, I) float.
        bias: (O,) float.
        activation: applied to each element.

    Returns:
        (..., O) float.
    """
    if can_use_onednn(x, weight):
        return _onednn(x, weight, bias, activation)
    product = F.linear(x, weight, bias)
    if activation == "silu" and not torch.is_grad_enabled():
        return F.silu(product, inplace=True)
    return _ACTIVATIONS[activation](product)


def linear_add(residual: Tensor, x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """Return residual (..., O) float + x (..., I) float W^T + b, (..., O) float; see `linear`."""
    if can_use_onednn(x, weight):
        return _onednn_onto(residual, x, weight, bias)
    return residual + F.linear(x, weight, bias)


class Linear(nn.Linear):
    """`nn.Linear` with the operation that follows it in a transformer: an activation or a residual sum."""

    def forward(self, x: Tensor, activation: Activation = "none") -> Tensor:
        """Apply the layer and the activation: (..., I) float -> (..., O) float."""
        return linear(x, self.weight, self.bias, activation)

    def add_to(self, residual: Tensor, x: Tensor) -> Tensor:
        """Return residual (..., O) float plus the layer of x (..., I) float, (..., O) float."""
        return linear_add(residual, x, self.weight, self.bias)


def can_use_onednn(x: Tensor, weight: Tensor) -> bool:
    """True if oneDNN multiplies x (..., I) float by weight (O, I) float.

    `torch.backends.mkldnn.enabled = False` disables it.
    """
    return (
        x.device.type == "cpu"
        and x.dtype == weight.dtype == torch.float32
        and x.dim() > 1
        and x.numel() > 0
        and not torch.is_grad_enabled()
        and weight.numel() >= MIN_ONEDNN_WEIGHTS
        and bool(torch.backends.mkldnn.enabled)
        and _onednn_is_correct()
    )


def _onednn(x: Tensor, weight: Tensor, bias: Tensor | None, activation: Activation) -> Tensor:
    name, formula = _ONEDNN_NAMES[activation]
    return torch.ops.mkldnn._linear_pointwise(x, weight.contiguous(), bias, name, [], formula)


def _onednn_onto(residual: Tensor, x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
    return torch.ops.mkldnn._linear_pointwise.binary(x, residual, weight.contiguous(), bias, "add")


@cache
def _onednn_is_correct() -> bool:
    """True if this PyTorch has the operators and they give the plain functions' results."""
    x, weight, bias, residual = (torch.arange(n, dtype=torch.float32).sin() for n in (12, 20, 5, 15))
    x, weight, residual = x.view(3, 4), weight.view(5, 4), residual.view(3, 5)
    plain = F.linear(x, weight, bias)
    try:
        pairs = [(_onednn(x, weight, bias, name), activate(plain)) for name, activate in _ACTIVATIONS.items()]
        pairs.append((_onednn_onto(residual, x, weight, bias), residual + plain))
    except (AttributeError, RuntimeError, TypeError):  # NotImplementedError is a RuntimeError
        return False
    return all(torch.allclose(fused, expected, atol=1e-5) for fused, expected in pairs)
