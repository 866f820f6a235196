# SPDX-License-Identifier: GPL-3.0-or-later
"""Which tensors a TorchScript archive holds and where in the file they lie; nothing in it is run.

OpenAI gives CLIP as such an archive: a zip of programs, of one entry per tensor, stored as it is, and of `data.pkl`,
which tells the modules and their tensors. Only the last is read, by a reader that builds tables of names and nothing
else; whatever else a file asks for, it is refused. Needs no torch.

Source: torch/csrc/jit/serialization/pickler.cpp and import.cpp of PyTorch 2.13; APPNOTE.TXT 4.3.7 of the zip format.
"""

import struct
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from math import prod
from pathlib import Path

from ..errors import BrokenWeights
from .torchscript_pickle import Module, TensorEntry, unpickled
from .zip_archive import MAX_PICKLE_BYTES, opened

DEEPEST_NAME = 32
LOCAL_HEADER = struct.Struct("<4s22xHH")


@dataclass(frozen=True)
class StoredTensor:
    """One tensor in a file.

    Attributes:
        storage: name of its type, such as "HalfStorage".
        start: byte of the file where its first number is.
        shape: as torch gives it.
        strides: steps along each axis, in numbers.
        span: numbers from its first to its last.
    """

    storage: str
    start: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]
    span: int


def is_torchscript(path: Path) -> bool:
    """Whether a file is a zip that holds TorchScript's constants; False for a plain torch.save."""
    try:
        with path.open("rb") as file, opened(file) as archive:
            return any(name.endswith("/constants.pkl") for name in archive.namelist())
    except MemoryError:  # not the file's fault
        raise
    except Exception:  # whatever a damaged zip makes of its reader; who reads it whole says so
        return False


def stored_tensors(path: Path) -> dict[str, StoredTensor]:
    """All tensors of an archive by their state dict's names.

    Raises:
        BrokenWeights: The file is cut short or damaged, tells of tensors that it does not hold, or asks for code.
    """
    try:
        with path.open("rb") as file, opened(file) as archive:
            table = _Table(archive, file, path.stat().st_size)
            return dict(table.tensors())
    except BrokenWeights as error:
        raise BrokenWeights(f"{path.name} {error} Fetch it from another source.") from error
    except MemoryError:  # not the file's fault
        raise
    except Exception as error:  # whatever a damaged zip makes of its reader
        raise BrokenWeights(f"{path.name} is cut short or damaged ({error}). Fetch it again.") from error


class _Table:
    """An archive's pickle held against its entries. Errors are told as what follows the file's name."""

    def __init__(self, archive: zipfile.ZipFile, file, file_bytes: int):
        self.file, self.file_bytes = file, file_bytes
        self.entries = {entry.filename: entry for entry in archive.infolist()}
        pickles = [entry for name, entry in self.entries.items() if name.count("/") == 1 and name.endswith("/data.pkl")]
        is_one = len(pickles) == 1 and pickles[0].file_size <= MAX_PICKLE_BYTES
        if not is_one or pickles[0].compress_type != zipfile.ZIP_STORED:  # packed, it could swell
            raise BrokenWeights("is a zip, but not one that holds a TorchScript model.")
        self.stem = pickles[0].filename.removesuffix("data.pkl")
        self.root = unpickled(archive.read(pickles[0]))

    def tensors(self) -> Iterator[tuple[str, StoredTensor]]:
        for name, tensor in _named(self.root):
            yield name, self._stored(name, tensor)

    def _stored(self, name: str, tensor: TensorEntry) -> StoredTensor:
        span = 1 + sum((side - 1) * stride for side, stride in zip(tensor.shape, tensor.strides, strict=True))
        span = span if prod(tensor.shape) else 0
        entry = self.entries.get(f"{self.stem}data/{tensor.key}")
        if entry is None or entry.compress_type != zipfile.ZIP_STORED:
            raise BrokenWeights(f"tells of a tensor {name} that it does not hold.")
        numbers = entry.file_size // tensor.bytes_each
        if tensor.offset + span > numbers or prod(tensor.shape) > numbers:
            raise BrokenWeights(f"tells of a tensor {name} that is larger than what it holds.")
        start = self._first_byte(entry) + tensor.offset * tensor.bytes_each
        return StoredTensor(tensor.storage, start, tensor.shape, tensor.strides, span)

    def _first_byte(self, entry: zipfile.ZipInfo) -> int:
        self.file.seek(entry.header_offset)
        magic, name_bytes, extra_bytes = LOCAL_HEADER.unpack(self.file.read(LOCAL_HEADER.size))
        first = entry.header_offset + LOCAL_HEADER.size + name_bytes + extra_bytes
        if magic != b"PK\x03\x04" or first + entry.file_size > self.file_bytes:
            raise BrokenWeights(f"is cut short or damaged at {entry.filename}.")
        return first


def _named(root: Module) -> Iterator[tuple[str, TensorEntry]]:
    """Tensors with the names of the modules that they hang in; a module that hangs in two places is refused."""
    waiting, seen = [("", root)], set()
    while waiting:
        prefix, module = waiting.pop()
        if id(module) in seen or prefix.count(".") > DEEPEST_NAME:
            raise BrokenWeights("holds a module in a module without end.")
        seen.add(id(module))
        for name, value in module.attributes.items():
            if isinstance(value, Module):
                waiting.append((f"{prefix}{name}.", value))
            elif isinstance(value, TensorEntry):
                yield f"{prefix}{name}", value
