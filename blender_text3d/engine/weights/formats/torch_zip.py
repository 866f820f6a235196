# SPDX-License-Identifier: GPL-3.0-or-later
"""A file that torch.save wrote: a zip of stored entries, one pickle and one entry per tensor.

The pickle is read by a reader that knows a few harmless names and refuses every other, so nothing in it can run. Every
entry must be stored as it is (so it cannot swell), must lie in the file, and must have its checksum.

Source: torch/serialization.py and torch/_weights_only_unpickler.py of PyTorch 2.13: names and the arguments of
`_rebuild_tensor_v2`.
"""

import io
import zipfile
from collections.abc import Iterator
from math import prod
from pathlib import Path
from typing import NoReturn

from ..errors import BrokenWeights
from .restricted_unpickler import RestrictedUnpickler, is_shape
from .zip_archive import MAX_PICKLE_BYTES, opened

MAGIC = b"PK\x03\x04"
MAX_ENTRIES = 100_000
STORAGE_BYTES = {
    "DoubleStorage": 8, "FloatStorage": 4, "HalfStorage": 2, "BFloat16Storage": 2, "LongStorage": 8, "IntStorage": 4,
    "ShortStorage": 2, "CharStorage": 1, "ByteStorage": 1, "BoolStorage": 1,
}  # fmt: skip


def shapes_in(path: Path, name: str) -> dict[str, tuple[int, ...]]:
    """Shapes of the tensors, by name.

    Args:
        path: The file.
        name: What messages call it.

    Raises:
        BrokenWeights: The zip is damaged, could swell, asks for code, or speaks of tensors that it does not hold.
    """
    try:
        with path.open("rb") as file, opened(file) as archive:
            return _checked(name, archive, path.stat().st_size)
    except (BrokenWeights, MemoryError):  # the latter is not the file's fault
        raise
    except Exception as error:  # whatever a damaged zip makes of its reader
        raise BrokenWeights(f"{name} is cut short or damaged ({error}).") from error


def _checked(name: str, archive: zipfile.ZipFile, file_size: int) -> dict[str, tuple[int, ...]]:
    entries = archive.infolist()
    if len(entries) > MAX_ENTRIES or any(entry.compress_type != zipfile.ZIP_STORED for entry in entries):
        raise BrokenWeights(f"{name} is packed, which weights never are: it could swell without end.")
    if sum(entry.file_size for entry in entries) > file_size:
        raise BrokenWeights(f"{name} speaks of more bytes than it has.")
    damaged = archive.testzip()
    if damaged:
        raise BrokenWeights(f"{name} is damaged: the checksum of {damaged} is wrong.")
    return dict(_tensors(name, archive, entries))


def _tensors(name: str, archive: zipfile.ZipFile, entries: list) -> Iterator[tuple[str, tuple[int, ...]]]:
    pickles = [entry for entry in entries if entry.filename.endswith("/data.pkl")]
    if len(pickles) != 1 or pickles[0].file_size > MAX_PICKLE_BYTES:
        raise BrokenWeights(f"{name} is a zip, but not one that holds weights.")
    stem = pickles[0].filename.removesuffix("data.pkl")
    held = {entry.filename: entry.file_size for entry in entries}
    for key, tensor in _unpickled(name, archive.read(pickles[0])).items():
        if not isinstance(key, str) or not isinstance(tensor, _Tensor):
            raise BrokenWeights(f"{name} holds more than tensors by name.")
        if prod(tensor.shape) * tensor.bytes_each > held.get(f"{stem}data/{tensor.entry}", -1):
            raise BrokenWeights(f"{name} speaks of a tensor {key} that it does not hold.")
        yield key, tensor.shape


def _unpickled(name: str, pickled: bytes) -> dict:
    try:
        found = _Reader(io.BytesIO(pickled)).load()
    except BrokenWeights as error:
        raise BrokenWeights(f"{name} {error}") from error
    except MemoryError:  # not the file's fault
        raise
    except Exception as error:  # whatever a damaged pickle makes of the reader
        raise BrokenWeights(f"{name} has a table of tensors that cannot be read ({error}).") from error
    if not isinstance(found, dict):
        raise BrokenWeights(f"{name} holds more than tensors by name.")
    return found


class _Tensor:
    """A tensor as the pickle tells it."""

    def __init__(self, storage: tuple, shape: tuple):
        if not isinstance(storage, tuple) or not all(isinstance(word, str) for word in storage[1:3]):
            raise ValueError("a tensor of an impossible kind")
        if not is_shape(shape):
            raise ValueError("a tensor of an impossible size")
        self.bytes_each = STORAGE_BYTES[storage[1]]
        self.entry = storage[2]
        self.shape = tuple(shape)


def _table() -> dict:
    return {}


def _tensor(storage: tuple, _offset: int, shape: tuple, *_rest: object) -> _Tensor:
    return _Tensor(storage, shape)


class _Reader(RestrictedUnpickler):
    def find_class(self, module: str, name: str) -> object:
        if (module, name) == ("collections", "OrderedDict"):
            return _table
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return _tensor
        if module == "torch" and name in STORAGE_BYTES:
            return name
        self._refuse(module, name)

    def set_state(self, thing: object, state: object) -> None:
        if not isinstance(thing, dict):  # torch gives a table attributes, which tell of versions
            super().set_state(thing, state)

    def persistent_load(self, pid: tuple) -> tuple:
        return pid

    def _refuse(self, module: str, name: str) -> NoReturn:
        raise BrokenWeights(
            f"wants to call {module}.{name} when it is opened, which could do anything to this machine; it was not "
            "opened. Fetch it from another source."
        )
