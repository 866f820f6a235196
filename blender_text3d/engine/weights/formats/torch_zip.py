# SPDX-License-Identifier: GPL-3.0-or-later
"""Read the table of a torch.save file: a zip of uncompressed entries, one pickle and one entry per tensor.

The pickle is read by an unpickler that allows a few harmless names, so nothing in it can run. Every entry must be
uncompressed, so that it cannot expand, must fit in the file, and must match its checksum.

Source: torch/serialization.py and torch/_weights_only_unpickler.py of PyTorch 2.13: names and the arguments of
`_rebuild_tensor_v2`.
"""

import io
import zipfile
from collections.abc import Iterator
from math import prod
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

from ....system.zip_limits import check_directory
from ..errors import BrokenWeights
from .restricted_unpickler import RestrictedUnpickler, is_shape

MAGIC = b"PK\x03\x04"
MAX_ENTRIES = 100_000
MAX_DIRECTORY_BYTES = 2**22
MAX_PICKLE_BYTES = 2_000_000
"""Official files need a few hundred kilobytes; one byte may become an object of sixty."""
STORAGE_BYTES = {
    "DoubleStorage": 8, "FloatStorage": 4, "HalfStorage": 2, "BFloat16Storage": 2, "LongStorage": 8, "IntStorage": 4,
    "ShortStorage": 2, "CharStorage": 1, "ByteStorage": 1, "BoolStorage": 1,
}  # fmt: skip


def open_archive(file: BinaryIO) -> zipfile.ZipFile:
    """Open a zip after checking the size of its table of contents, before memory is allocated for it.

    Raises:
        ValueError: The table has far more entries than a network has tensors.
        BadZipFile: The file is not a zip.
    """
    check_directory(file, MAX_DIRECTORY_BYTES)
    return zipfile.ZipFile(file)


def read_shapes(path: Path, name: str) -> dict[str, tuple[int, ...]]:
    """Return tensor shapes by name.

    Args:
        path: The file.
        name: Name of the file in messages.

    Raises:
        BrokenWeights: The zip is corrupt, could expand, would run code, or lacks tensors that its table has.
    """
    try:
        with path.open("rb") as file, open_archive(file) as archive:
            return _check_entries(name, archive, path.stat().st_size)
    except (BrokenWeights, MemoryError):  # lack of memory is not the file's fault
        raise
    except Exception as error:  # a corrupt zip can raise anything in its reader
        raise BrokenWeights(f"{name} is truncated or corrupt ({error}).") from error


def _check_entries(name: str, archive: zipfile.ZipFile, file_size: int) -> dict[str, tuple[int, ...]]:
    entries = archive.infolist()
    if len(entries) > MAX_ENTRIES or any(entry.compress_type != zipfile.ZIP_STORED for entry in entries):
        raise BrokenWeights(f"{name} is compressed, which weights never are: it could expand without limit.")
    if sum(entry.file_size for entry in entries) > file_size:
        raise BrokenWeights(f"{name} claims more bytes than it has.")
    corrupt = archive.testzip()
    if corrupt:
        raise BrokenWeights(f"{name} is corrupt: the checksum of {corrupt} is wrong.")
    return dict(_iter_tensors(name, archive, entries))


def _iter_tensors(
    name: str, archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo]
) -> Iterator[tuple[str, tuple[int, ...]]]:
    pickles = [entry for entry in entries if entry.filename.endswith("/data.pkl")]
    if len(pickles) != 1 or pickles[0].file_size > MAX_PICKLE_BYTES:
        raise BrokenWeights(f"{name} is a zip without weights.")
    stem = pickles[0].filename.removesuffix("data.pkl")
    sizes = {entry.filename: entry.file_size for entry in entries}
    for key, tensor in _unpickle_table(name, archive.read(pickles[0])).items():
        if not isinstance(key, str) or not isinstance(tensor, _Tensor):
            raise BrokenWeights(f"{name} contains more than named tensors.")
        if prod(tensor.shape) * tensor.bytes_per_number > sizes.get(f"{stem}data/{tensor.entry}", -1):
            raise BrokenWeights(f"{name} lists a tensor {key} that it does not contain.")
        yield key, tensor.shape


def _unpickle_table(name: str, pickled: bytes) -> dict:
    try:
        table = _TableUnpickler(io.BytesIO(pickled)).load()
    except BrokenWeights as error:
        raise BrokenWeights(f"{name} {error}") from error
    except MemoryError:  # not the file's fault
        raise
    except Exception as error:  # a corrupt pickle can raise anything in its reader
        raise BrokenWeights(f"{name} has a table of tensors that cannot be read ({error}).") from error
    if not isinstance(table, dict):
        raise BrokenWeights(f"{name} contains more than named tensors.")
    return table


class _Tensor:
    """A tensor as the pickle describes it."""

    def __init__(self, storage: tuple, shape: tuple):
        if not isinstance(storage, tuple) or not all(isinstance(part, str) for part in storage[1:3]):
            raise ValueError("a tensor has an invalid storage")
        if not is_shape(shape):
            raise ValueError("a tensor has an invalid shape")
        self.bytes_per_number = STORAGE_BYTES[storage[1]]
        self.entry = storage[2]
        self.shape = tuple(shape)


def _empty_table() -> dict:
    return {}


def _rebuild_tensor(storage: tuple, _offset: int, shape: tuple, *_rest: object) -> _Tensor:
    return _Tensor(storage, shape)


class _TableUnpickler(RestrictedUnpickler):
    def find_class(self, module: str, name: str) -> object:
        if (module, name) == ("collections", "OrderedDict"):
            return _empty_table
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return _rebuild_tensor
        if module == "torch" and name in STORAGE_BYTES:
            return name
        self._refuse_name(module, name)

    def set_state(self, target: Any, state: Any) -> None:
        if not isinstance(target, dict):  # torch gives a table attributes with version numbers
            super().set_state(target, state)

    def persistent_load(self, pid: Any) -> Any:
        return pid

    def _refuse_name(self, module: str, name: str) -> NoReturn:
        raise BrokenWeights(
            f"would call {module}.{name}, which could run any code on this machine; it was not opened. Download it "
            "from another source."
        )
