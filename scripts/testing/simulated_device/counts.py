# SPDX-License-Identifier: GPL-3.0-or-later
"""Counts of what happened on a simulated device, and errors for what it refuses."""

import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from .stream import SimulatedStream

if TYPE_CHECKING:
    from .graph import SimulatedGraph

PACKAGE = Path(__file__).parents[3] / "blender_text3d"


class WrongDevice(RuntimeError):
    """Tensors of two devices met, or a tensor of the GPU was read as if it were in the CPU's memory."""


class UnsupportedByDevice(NotImplementedError):
    """The device lacks an operation or a type."""


@dataclass
class Counts:
    """Counts of what happened on the device.

    Attributes:
        launches: kernels that the host launched, by operation; see `launches`.
        waits: how often the host waited for the device, by operation and place in the package.
        recording: the CUDA graph that is captured now, or None.
        stream: the stream that is in use.
    """

    launches: Counter[str] = field(default_factory=Counter)
    waits: Counter[str] = field(default_factory=Counter)
    recording: "SimulatedGraph | None" = None
    stream: SimulatedStream = field(default_factory=SimulatedStream)

    def wait(self, operation: str) -> None:
        """Count a wait of the host.

        Raises:
            RuntimeError: a CUDA graph is being captured.
        """
        if self.recording is not None:
            raise RuntimeError(f"{operation}: operation not permitted when stream is capturing")
        self.waits[f"{operation} in {place()}"] += 1

    def launch(self, operation: str, kernels: int) -> None:
        """Count kernels that the host launched; those of a CUDA graph that is captured wait for its replay."""
        if kernels and self.recording is None:
            self.launches[operation] += kernels
            self.stream.has_run = True

    def record(self, function: Callable[..., Any], arguments: Any, named: Any, result: Any) -> None:
        """Add a call to the CUDA graph that is captured, if one is."""
        if self.recording is not None:
            self.recording.add(function, arguments, named, result)


@dataclass
class Device:
    """The device that is simulated now.

    Attributes:
        device: "cuda:0" or "mps:0".
        check: raises UnsupportedByDevice if the device lacks an operation or the type of one of its results.
        counts: what happened.
    """

    device: torch.device
    check: Callable[[Any, Any], None]
    counts: Counts = field(default_factory=Counts)

    def is_own(self, device: torch.device | str | None) -> bool:
        """True for this device, with or without its number."""
        return device is not None and torch.device(device).type == self.device.type


ACTIVE: list[Device] = []
"""The device of the innermost context, last."""


def place() -> str:
    """Return the file and the function of the package that called an operation, or "tests"."""
    frame = sys._getframe(1)
    while frame is not None:
        if file := in_package(frame.f_code.co_filename):
            return f"{file}:{frame.f_code.co_name}"
        frame = frame.f_back
    return "tests"


@cache
def in_package(file: str) -> str:
    """Return the path of a file in the package, and nothing for another one."""
    path = Path(file)
    return path.relative_to(PACKAGE).as_posix() if path.is_relative_to(PACKAGE) else ""
