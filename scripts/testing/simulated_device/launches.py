# SPDX-License-Identifier: GPL-3.0-or-later
"""Number of kernels that an operation launches.

Views and allocations launch none, everything else at least one. In PyTorch's CUDA backend some take more: a product
onto a matrix copies the matrix first unless it is done in place, cuDNN's convolutions add their bias in a kernel of its
own, and a group norm is three (moments, factors, result). Split sums of small matrix products, and copies that a
library makes for itself, are not counted, so these are lower bounds, the same for any version of a network.

Source: PyTorch, aten/src/ATen/native: cuda/Blas.cpp (addmm, baddbmm), cuda/group_norm_kernel.cu, cudnn/ConvShared.cpp.
"""

from functools import cache
from typing import Any

import torch

ALLOCATIONS = {
    "aten::empty",
    "aten::empty_like",
    "aten::empty_strided",
    "aten::new_empty",
    "aten::new_empty_strided",
    "aten::resize_",
    "aten::set_",
    "aten::lift_fresh",
    "aten::_local_scalar_dense",
    "aten::_unsafe_view",
    "aten::_reshape_alias",
}
MASK_ALIGNMENT = 8
SEVERAL = {"aten::native_group_norm": 3, "aten::_unique2": 4, "aten::nonzero": 2}


def kernels(operation: Any, arguments: tuple[Any, ...]) -> int:
    """Return the number of kernels of a call.

    Args:
        operation: overload of an ATen operation.
        arguments: its positional arguments.
    """
    name = operation._schema.name
    if name in ALLOCATIONS or is_view(operation):
        return 0
    if name in ("aten::addmm", "aten::baddbmm"):
        return 1 if name == "aten::addmm" and arguments[0].dim() == 1 else 2
    if name == "aten::convolution":
        return 2 if arguments[2] is not None else 1
    return SEVERAL.get(name, 1)


@cache
def is_view(operation: Any) -> bool:
    """True if the result shares the memory of an argument that stays as it is."""
    results = operation._schema.returns
    return bool(results) and all(result.alias_info is not None and not result.alias_info.is_write for result in results)


def kernels_of_attention(mask: torch.Tensor | None) -> int:
    """Return the number of kernels of a fused attention: a mask whose rows are not aligned is filled and copied first.

    Source: PyTorch, aten/src/ATen/native/transformers/attention.cpp (aligned_tensor, pad_bias).
    """
    if mask is None:
        return 1
    is_aligned = mask.stride(-1) == 1 and all(stride % MASK_ALIGNMENT == 0 for stride in mask.stride()[:-1])
    return 1 if is_aligned else 3
