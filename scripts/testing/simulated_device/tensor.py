# SPDX-License-Identifier: GPL-3.0-or-later
"""SimulatedTensor: a tensor that says it is on the device, and every operation with one."""

from typing import Any

import torch
from torch import Tensor

from .counts import ACTIVE, UnsupportedByDevice, WrongDevice
from .launches import kernels
from .trees import leaves, mapped

aten = torch.ops.aten
MOVES = (aten._to_copy.default, aten.copy_.default, aten.lift_fresh.default, aten.set_.source_Tensor)
TAKES_INDICES = (aten.index.Tensor, aten.index_put.default, aten.index_put_.default, aten._index_put_impl_.default)
WAITING = {
    aten._local_scalar_dense.default,
    aten.bincount.default,
    aten.equal.default,
    aten.is_nonzero.default,
    aten.masked_select.default,
    aten.nonzero.default,
    aten.repeat_interleave.Tensor,
    aten._unique2.default,
    aten.unique_consecutive.default,
    aten.unique_dim.default,
}
"""Operations whose result, or its size, the host needs at once."""


class SimulatedTensor(Tensor):
    """A tensor on the simulated device; `held` has its numbers."""

    held: Tensor

    @staticmethod
    def __new__(cls, held: Tensor, requires_grad: bool = False) -> "SimulatedTensor":
        """Wrap a tensor in the CPU's memory."""
        return Tensor._make_wrapper_subclass(
            cls, held.size(), strides=held.stride(), storage_offset=held.storage_offset(), dtype=held.dtype,
            layout=held.layout, device=ACTIVE[-1].device, requires_grad=requires_grad,
        )  # fmt: skip

    def __init__(self, held: Tensor, requires_grad: bool = False) -> None:
        self.held = held

    def __repr__(self) -> str:
        return f"SimulatedTensor({self.held!r})"

    def numpy(self, *args: Any, **kwargs: Any) -> Any:
        """Refuse, as a GPU's tensor does.

        Raises:
            WrongDevice: Always.
        """
        raise WrongDevice(f"can't convert {self.device} device type tensor to numpy; use Tensor.cpu() first")

    __array__ = numpy

    def tolist(self) -> Any:
        """Return the numbers; one wait for all of them."""
        return self.cpu().tolist()

    @classmethod
    def __torch_dispatch__(cls, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None) -> Any:
        return run(func, args, kwargs or {})


def bare(values: Any) -> Any:
    """Return a tree of arguments with the numbers in place of simulated tensors."""
    return mapped(lambda value: value.held if isinstance(value, SimulatedTensor) else value, values)


def run(func: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Run an operation as the device would, on the CPU; count what it costs.

    Raises:
        WrongDevice: its tensors are on two devices. UnsupportedByDevice: the device lacks it.
    """
    active = ACTIVE[-1]
    tensors = [value for value in leaves((args, kwargs)) if isinstance(value, Tensor)]
    inside = [tensor for tensor in tensors if isinstance(tensor, SimulatedTensor)]
    wanted = kwargs.get("device")
    is_inside = active.is_own(wanted) if wanted is not None else bool(inside)
    _require_one_device(func, args, kwargs, inside, tensors, is_inside)
    _count_waits(func, args, kwargs, inside, wanted)
    bare_args, bare_kwargs = bare((args, kwargs))
    if wanted is not None:
        bare_kwargs = {**bare_kwargs, "device": torch.device("cpu")}
    bare_kwargs.pop("pin_memory", None)
    result = func(*bare_args, **bare_kwargs)
    if is_inside:
        active.check(func, result)
    active.counts.launch(func._schema.name, kernels(func, args))
    active.counts.record(func, bare_args, bare_kwargs, result)
    return _wrapped(func, args, result, inside, is_inside)


def _wrapped(func: Any, args: tuple[Any, ...], result: Any, inside: list[SimulatedTensor], is_inside: bool) -> Any:
    if func is aten.copy_.default:
        return args[0]
    if func is aten._local_scalar_dense.default or not is_inside:
        return result
    writes = any(part.alias_info is not None and part.alias_info.is_write for part in func._schema.arguments)
    known = {id(tensor.held): tensor for tensor in inside} if writes else {}
    return mapped(lambda value: known[id(value)] if id(value) in known else _new(value), result)


def _new(value: Any) -> Any:
    return SimulatedTensor(value) if isinstance(value, Tensor) and not isinstance(value, SimulatedTensor) else value


def _require_one_device(
    func: Any, args: Any, kwargs: Any, inside: list[SimulatedTensor], tensors: list[Tensor], is_inside: bool
) -> None:
    own = ACTIVE[-1].device
    outside = [tensor for tensor in tensors if not isinstance(tensor, SimulatedTensor) and tensor.dim() > 0]
    may_mix = func in MOVES or (func in TAKES_INDICES and isinstance(args[0], SimulatedTensor))
    if inside and outside and not may_mix:
        raise WrongDevice(f"{func}: expected all tensors to be on the same device, but found {own} and cpu")
    generator = kwargs.get("generator")
    if generator is not None and (generator.device.type == own.type) != is_inside:
        raise WrongDevice(f"{func}: a generator on {generator.device.type} cannot draw numbers for another device")


def _count_waits(func: Any, args: Any, kwargs: Any, inside: list[SimulatedTensor], wanted: Any) -> None:
    counts, name = ACTIVE[-1].counts, func._schema.name
    if func in WAITING and inside:
        counts.wait(name)
    if func is aten._to_copy.default and wanted is not None:
        is_own, was_own = ACTIVE[-1].is_own(wanted), bool(inside)
        if was_own and not is_own:
            counts.wait("copy to the CPU")
        if is_own and not was_own:
            _count_copy(bool(kwargs.get("non_blocking")))
    if func is aten.copy_.default:
        to, source = (isinstance(tensor, SimulatedTensor) for tensor in args[:2])
        if source and not to:
            counts.wait("copy to the CPU")
        if to and not source:
            _count_copy(bool(args[2] if len(args) > 2 else kwargs.get("non_blocking", False)))


def _count_copy(is_free: bool) -> None:
    """Count a copy from the CPU's memory; one that the host does not wait for is safe on CUDA only.

    Source: pytorch/pytorch issue 189690.
    """
    if not is_free:
        ACTIVE[-1].counts.wait("copy from the CPU")
    elif ACTIVE[-1].device.type == "mps":
        raise UnsupportedByDevice("A copy that nobody waits for may read memory that was freed meanwhile.")
