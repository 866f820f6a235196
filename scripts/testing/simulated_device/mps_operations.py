# SPDX-License-Identifier: GPL-3.0-or-later
"""Limits of Apple's GPU: no 64-bit floating point numbers, and operations without an MPS kernel.

PyTorch's table of operations comes with it, so the list is that of the installed version: an operation runs on MPS if
it, or the variant that it delegates to, names MPS or a composition of others. Limits of single kernels (ranks, sizes,
versions of macOS) are not in the table.

Source: PyTorch, aten/src/ATen/native/native_functions.yaml; its MPS notes for float64.
"""

import re
from functools import cache
from pathlib import Path
from typing import Any

import torch
import torchgen
from torch import Tensor

from .counts import UnsupportedByDevice
from .trees import leaves

TABLE = Path(torchgen.__file__).parent / "packaged/ATen/native/native_functions.yaml"
LACKING = (torch.float64, torch.complex128)
RUNS = re.compile(r"^ +[^#:]*\b(MPS|CompositeImplicitAutograd|CompositeExplicitAutograd\w*)\b[^:]*:", re.MULTILINE)
FUNCTION = re.compile(r"- func: ([\w.]+)\(")
DELEGATE = re.compile(r"structured_delegate: ([\w.]+)")


@cache
def entries() -> dict[str, str]:
    """Return the table's text of each operation, by name with overload."""
    parts = re.split(r"^(?=- func: )", TABLE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {match[1]: part for part in parts if (match := FUNCTION.match(part))}


@cache
def runs_on_mps(name: str) -> bool:
    """True if an operation, as "add.Tensor", has a kernel for MPS or is made of others that may."""
    entry = entries().get(name)
    if entry is None:
        return False
    if delegate := DELEGATE.search(entry):
        return runs_on_mps(delegate[1])
    return "dispatch:" not in entry or RUNS.search(entry) is not None


def check_mps(operation: Any, result: Any) -> None:
    """Raise UnsupportedByDevice if MPS lacks an operation or the type of a result."""
    name = operation._schema.name.removeprefix("aten::")
    overload = operation._schema.overload_name
    if not runs_on_mps(f"{name}.{overload}" if overload else name):
        raise UnsupportedByDevice(f"The operator 'aten::{name}' is not currently implemented for the MPS device.")
    for value in leaves(result):
        if isinstance(value, Tensor) and value.dtype in LACKING:
            raise UnsupportedByDevice(f"aten::{name}: the MPS framework doesn't support {value.dtype}.")
