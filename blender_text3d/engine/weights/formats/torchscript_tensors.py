# SPDX-License-Identifier: GPL-3.0-or-later
"""Tensors of a TorchScript archive, mapped from the file: what nobody reads takes no memory."""

import mmap
from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor

from .torchscript import StoredTensor, stored_tensors

DTYPES = {
    "DoubleStorage": torch.float64,
    "FloatStorage": torch.float32,
    "HalfStorage": torch.float16,
    "BFloat16Storage": torch.bfloat16,
    "LongStorage": torch.int64,
    "IntStorage": torch.int32,
    "ShortStorage": torch.int16,
    "CharStorage": torch.int8,
    "ByteStorage": torch.uint8,
    "BoolStorage": torch.bool,
}


def torchscript_tensors(path: Path, wanted: Callable[[str], bool] = lambda name: True) -> dict[str, Tensor]:
    """The tensors whose names are wanted, in the file's precision, on the CPU.

    They keep the file open and read it when they are used; a change to one is never written.

    Raises:
        BrokenWeights: The file is cut short or damaged, tells of tensors that it does not hold, or asks for code.
    """
    table = {name: stored for name, stored in stored_tensors(path).items() if wanted(name)}
    with path.open("rb") as file:
        content = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)
    return {name: _mapped(content, stored) for name, stored in table.items()}


def _mapped(content: mmap.mmap, stored: StoredTensor) -> Tensor:
    dtype = DTYPES[stored.storage]
    if not stored.span:
        return torch.empty(stored.shape, dtype=dtype)
    numbers = torch.frombuffer(content, dtype=dtype, count=stored.span, offset=stored.start)
    return numbers.as_strided(stored.shape, stored.strides)
