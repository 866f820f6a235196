# SPDX-License-Identifier: GPL-3.0-or-later
"""Read the tensors of a TorchScript archive, mapped from the file, without running anything in it.

OpenAI publishes CLIP as such an archive: a zip of programs, of one uncompressed entry per tensor, and of `data.pkl`
with the modules and their tensors. Only data.pkl is read, by an unpickler that builds tables of names and refuses
everything else.

Source: torch/csrc/jit/serialization/pickler.cpp and import.cpp of PyTorch 2.13; APPNOTE.TXT 4.3.7 of the zip format.
"""

import mmap
import struct
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import BinaryIO

import torch
from torch import Tensor

from ..errors import BrokenWeights
from .torch_zip import MAX_PICKLE_BYTES, open_archive
from .torchscript_pickle import Module, TensorEntry, unpickle_module

MAX_MODULE_DEPTH = 32
LOCAL_HEADER = struct.Struct("<4s22xHH")
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


@dataclass(frozen=True)
class StoredTensor:
    """The location of a tensor in a file.

    Attributes:
        storage: name of its type, such as "HalfStorage".
        start: byte offset of its first number in the file.
        shape: as in torch.
        strides: as in torch, in numbers.
        span: count of numbers from its first to its last.
    """

    storage: str
    start: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]
    span: int


def torchscript_tensors(path: Path, wanted: Callable[[str], bool] = lambda name: True) -> dict[str, Tensor]:
    """Return the tensors whose names are wanted, with the file's dtype, on the CPU.

    They are mapped: pages are read from the file when they are used, and changes are never written.

    Raises:
        BrokenWeights: The file is truncated or corrupt, lists tensors that it lacks, or would run code.
    """
    stored = {name: tensor for name, tensor in locate_tensors(path).items() if wanted(name)}
    with path.open("rb") as file:
        content = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)
    return {name: _mapped(content, tensor) for name, tensor in stored.items()}


def is_torchscript(path: Path) -> bool:
    """True if a file is a zip with TorchScript's constants; False for a plain torch.save."""
    try:
        with path.open("rb") as file, open_archive(file) as archive:
            return any(name.endswith("/constants.pkl") for name in archive.namelist())
    except MemoryError:  # not the file's fault
        raise
    except Exception:  # a corrupt zip can raise anything in its reader; the complete read reports it
        return False


def locate_tensors(path: Path) -> dict[str, StoredTensor]:
    """Return the locations of all tensors by their state dict's names.

    Raises:
        BrokenWeights: The file is truncated or corrupt, lists tensors that it lacks, or would run code.
    """
    try:
        with path.open("rb") as file, open_archive(file) as archive:
            return dict(_TensorTable(archive, file, path.stat().st_size).tensors())
    except BrokenWeights as error:
        raise BrokenWeights(f"{path.name} {error} Download it from another source.") from error
    except MemoryError:  # not the file's fault
        raise
    except Exception as error:  # a corrupt zip can raise anything in its reader
        raise BrokenWeights(f"{path.name} is truncated or corrupt ({error}). Download it again.") from error


class _TensorTable:
    """An archive's pickle, checked against the archive's entries. Error messages follow the file's name."""

    def __init__(self, archive: zipfile.ZipFile, file: BinaryIO, file_bytes: int):
        self.file, self.file_bytes = file, file_bytes
        self.entries = {entry.filename: entry for entry in archive.infolist()}
        pickles = [entry for name, entry in self.entries.items() if name.count("/") == 1 and name.endswith("/data.pkl")]
        is_one = len(pickles) == 1 and pickles[0].file_size <= MAX_PICKLE_BYTES
        if not is_one or pickles[0].compress_type != zipfile.ZIP_STORED:  # compressed, it could expand
            raise BrokenWeights("is a zip without a TorchScript model.")
        self.stem = pickles[0].filename.removesuffix("data.pkl")
        self.root = unpickle_module(archive.read(pickles[0]))

    def tensors(self) -> Iterator[tuple[str, StoredTensor]]:
        for name, tensor in _walk_modules(self.root):
            yield name, self._locate(name, tensor)

    def _locate(self, name: str, tensor: TensorEntry) -> StoredTensor:
        span = 1 + sum((side - 1) * stride for side, stride in zip(tensor.shape, tensor.strides, strict=True))
        span = span if prod(tensor.shape) else 0
        entry = self.entries.get(f"{self.stem}data/{tensor.key}")
        if entry is None or entry.compress_type != zipfile.ZIP_STORED:
            raise BrokenWeights(f"lists a tensor {name} that it does not contain.")
        count = entry.file_size // tensor.bytes_per_number
        if tensor.offset + span > count or prod(tensor.shape) > count:
            raise BrokenWeights(f"lists a tensor {name} that is larger than its data.")
        start = self._data_offset(entry) + tensor.offset * tensor.bytes_per_number
        return StoredTensor(tensor.storage, start, tensor.shape, tensor.strides, span)

    def _data_offset(self, entry: zipfile.ZipInfo) -> int:
        self.file.seek(entry.header_offset)
        magic, name_bytes, extra_bytes = LOCAL_HEADER.unpack(self.file.read(LOCAL_HEADER.size))
        offset = entry.header_offset + LOCAL_HEADER.size + name_bytes + extra_bytes
        if magic != b"PK\x03\x04" or offset + entry.file_size > self.file_bytes:
            raise BrokenWeights(f"is truncated or corrupt at {entry.filename}.")
        return offset


def _walk_modules(root: Module) -> Iterator[tuple[str, TensorEntry]]:
    """Yield tensors with their dotted names; a module that occurs twice is refused, so that no cycle is endless."""
    pending, seen = [("", root)], set()
    while pending:
        prefix, module = pending.pop()
        if id(module) in seen or prefix.count(".") > MAX_MODULE_DEPTH:
            raise BrokenWeights("has modules nested without end.")
        seen.add(id(module))
        for name, value in module.attributes.items():
            if isinstance(value, Module):
                pending.append((f"{prefix}{name}.", value))
            elif isinstance(value, TensorEntry):
                yield f"{prefix}{name}", value


def _mapped(content: mmap.mmap, stored: StoredTensor) -> Tensor:
    dtype = DTYPES[stored.storage]
    if not stored.span:
        return torch.empty(stored.shape, dtype=dtype)
    numbers = torch.frombuffer(content, dtype=dtype, count=stored.span, offset=stored.start)
    return numbers.as_strided(stored.shape, stored.strides)
