# SPDX-License-Identifier: GPL-3.0-or-later
"""Contexts inside which a GPU is there."""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any
from unittest import mock

import torch

from .counts import ACTIVE, Counts, Device
from .graph import SimulatedGraph, capture, use_stream
from .guard import lend_guard
from .modes import CatchDispatch, CatchFunctions
from .mps_operations import check_mps
from .stream import SimulatedStream

NAME, MEMORY = "Simulated GPU", 8 << 30


def _nothing(*args: Any, **kwargs: Any) -> None:
    """Do nothing."""


CUDA_FUNCTIONS: dict[str, Any] = {
    "CUDAGraph": SimulatedGraph,
    "graph": capture,
    "Stream": SimulatedStream,
    "stream": use_stream,
    "current_stream": lambda device=None: ACTIVE[-1].counts.stream,
    "device": lambda device: contextlib.nullcontext(),
    "is_available": lambda: True,
    "device_count": lambda: 1,
    "current_device": lambda: 0,
    "get_device_name": lambda device=None: NAME,
    "is_bf16_supported": lambda including_emulation=True: True,
    "mem_get_info": lambda device=None: (MEMORY, MEMORY),
    "max_memory_allocated": lambda device=None: 0,
    "memory_allocated": lambda device=None: 0,
    "memory_reserved": lambda device=None: 0,
    **{name: _nothing for name in ("synchronize", "empty_cache", "reset_peak_memory_stats", "_lazy_init")},
}


@contextlib.contextmanager
def simulated_cuda() -> Iterator[Counts]:
    """Let "cuda" be there; yield the counts."""
    with contextlib.ExitStack() as stack:
        for name, function in CUDA_FUNCTIONS.items():
            stack.enter_context(mock.patch.object(torch.cuda, name, function))
        yield stack.enter_context(_active("cuda", _nothing))


@contextlib.contextmanager
def simulated_mps() -> Iterator[Counts]:
    """Let "mps" be there, without what Apple's GPU lacks; yield the counts."""
    with contextlib.ExitStack() as stack:
        for name in ("synchronize", "empty_cache"):
            stack.enter_context(mock.patch.object(torch.mps, name, _nothing))
        stack.enter_context(mock.patch.object(torch.backends.mps, "is_available", return_value=True))
        yield stack.enter_context(_active("mps", check_mps))


@contextlib.contextmanager
def _active(kind: str, check: Callable[[Any, Any], None]) -> Iterator[Counts]:
    lend_guard(kind)
    device = Device(torch.device(kind, 0), check)
    ACTIVE.append(device)
    with contextlib.ExitStack() as stack:
        stack.callback(ACTIVE.pop)
        # Views of a wrapper that are made in inference mode cannot be tracked; without gradients they need not be.
        for name, function in {"__enter__": _enter_without_grad, "__exit__": _leave_without_grad}.items():
            stack.enter_context(mock.patch.object(torch.inference_mode, name, function))
        stack.enter_context(_setting(torch._C._only_lift_cpu_tensors, torch._C._set_only_lift_cpu_tensors))
        conversion = torch.__future__
        stack.enter_context(
            _setting(
                conversion.get_overwrite_module_params_on_conversion,
                conversion.set_overwrite_module_params_on_conversion,
            )
        )
        stack.enter_context(torch.no_grad())
        stack.enter_context(CatchDispatch())
        stack.enter_context(CatchFunctions())
        yield device.counts


@contextlib.contextmanager
def _setting(read: Callable[[], bool], write: Callable[[bool], None]) -> Iterator[None]:
    """Switch a setting of PyTorch on: lists become tensors of the CPU, then move; parameters get the device's class."""
    before = read()
    write(True)
    try:
        yield
    finally:
        write(before)


def _enter_without_grad(mode: Any) -> None:
    mode.without_grad = torch.no_grad()
    mode.without_grad.__enter__()


def _leave_without_grad(mode: Any, *error: Any) -> None:
    mode.without_grad.__exit__(*error)
