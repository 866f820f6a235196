# SPDX-License-Identifier: GPL-3.0-or-later
"""Modes that catch what makes tensors on the device, moves to it, indexes them, or attends."""

from functools import cache
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode

from .counts import ACTIVE, WrongDevice
from .launches import kernels_of_attention
from .tensor import SimulatedTensor, bare, run
from .trees import leaves, mapped

COMPOSITE = torch._C.DispatchKey.CompositeImplicitAutograd
READS, WRITES = Tensor.__getitem__, Tensor.__setitem__


class CatchDispatch(TorchDispatchMode):
    """Runs every operation that has a tensor of the device, or that names it."""

    def __torch_dispatch__(self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        if not any(is_simulated(value) for value in leaves((args, kwargs))):
            return func(*args, **kwargs)
        if not is_made_of_others(func):
            return run(func, args, kwargs)
        with self:  # a whole function that is made of others, such as `to`; PyTorch's own parts, as on a real device
            return func._op_dk(COMPOSITE, *args, **kwargs)


class CatchFunctions(TorchFunctionMode):
    """Gives the device its number before PyTorch sees it, and catches indexing and attention."""

    def __torch_function__(self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        if func is torch.device:
            return func(*args, **kwargs)
        if func in (READS, WRITES) and any(isinstance(value, SimulatedTensor) for value in leaves(args)):
            return indexed(func, *args)
        if func is F.scaled_dot_product_attention and isinstance(args[0], SimulatedTensor):
            return attention(*args, **kwargs)
        if func is Tensor.new_tensor and isinstance(args[0], SimulatedTensor):  # it asks the guard for a number, too
            return torch.tensor(args[1], dtype=kwargs.get("dtype", args[0].dtype), device=ACTIVE[-1].device)
        return func(*mapped(numbered, args), **mapped(numbered, kwargs))


@cache
def is_made_of_others(operation: Any) -> bool:
    """True for an operation that is the same function of others on every device."""
    return bool(torch._C._dispatch_has_kernel_for_dispatch_key(operation.name(), COMPOSITE))


def is_simulated(value: Any) -> bool:
    """True for a tensor of the device and for the device."""
    return isinstance(value, SimulatedTensor) or (isinstance(value, torch.device) and ACTIVE[-1].is_own(value))


def numbered(value: Any) -> Any:
    """Return "cuda" as "cuda:0": a build without CUDA cannot be asked which of its GPUs is meant."""
    own = ACTIVE[-1].device
    return own if isinstance(value, torch.device | str) and str(value) in (own.type, str(own)) else value


def indexed(func: Any, tensor: Tensor, where: Any, *values: Any) -> Any:
    """Return tensor[where], or write values there.

    Raises:
        WrongDevice: the tensor is in the CPU's memory and an index is not, or the values are elsewhere.
    """
    if not isinstance(tensor, SimulatedTensor):
        raise WrongDevice("indices should be either on cpu or on the same device as the indexed tensor (cpu)")
    counts, parts = ACTIVE[-1].counts, where if isinstance(where, tuple) else (where,)
    tables = [part for part in parts if isinstance(part, Tensor) and part.dim()]
    is_list = any(isinstance(part, list) for part in parts)
    is_mask = any(table.dtype == torch.bool for table in tables)
    if (tables or is_list) and any(
        isinstance(v, Tensor) and v.dim() and not isinstance(v, SimulatedTensor) for v in values
    ):
        raise WrongDevice(f"a value on the CPU is written into a tensor on {tensor.device}")
    if is_list or any(not isinstance(table, SimulatedTensor) for table in tables):
        counts.wait("index by numbers of the CPU")
    if is_mask and not (values and is_number(values[0])):
        counts.wait("index by a mask")
    bare_where, bare_values = bare((where, values))
    given = tensor.held, bare_where, *bare_values
    result = func(*given)
    counts.launch("aten::index", 1 if tables or is_list or values else 0)
    counts.record(func, given, {}, result)
    return SimulatedTensor(result) if isinstance(result, Tensor) else result


def is_number(value: Any) -> bool:
    """True for what fills a mask without counting it first."""
    return not isinstance(value, Tensor) or value.dim() == 0


def attention(query: SimulatedTensor, *others: Any, **kwargs: Any) -> SimulatedTensor:
    """Return scaled dot product attention as one operation, which the fused kernels of both devices are.

    Raises:
        WrongDevice: A tensor is on another device.
    """
    tensors = [value for value in (*others, *kwargs.values()) if isinstance(value, Tensor)]
    if not all(isinstance(tensor, SimulatedTensor) for tensor in tensors):
        raise WrongDevice("attention: expected all tensors to be on the same device")
    arguments, named = bare((others, kwargs))
    given = query.held, *arguments
    counts, result = ACTIVE[-1].counts, F.scaled_dot_product_attention(*given, **named)
    counts.launch("scaled_dot_product_attention", kernels_of_attention(kwargs.get("attn_mask")))
    counts.record(F.scaled_dot_product_attention, given, named, result)
    return SimulatedTensor(result)
