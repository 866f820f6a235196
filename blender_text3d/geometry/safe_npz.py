# SPDX-License-Identifier: GPL-3.0-or-later
"""A reader for .npz files from untrusted sources: no pickles and a limit on memory.

Every array header is checked against the size of its entry before memory is allocated.

Source: numpy.lib.format of NumPy 2, and APPNOTE.TXT of the zip format: an .npz is a zip with a .npy for each array.
"""

import io
import stat
import zipfile
from math import prod
from pathlib import Path

import numpy as np

from ..system.zip_limits import check_directory

MAX_BYTES = 2**30
"""Many times the size of the finest mesh."""
MAX_ARRAYS, MAX_NAME_LENGTH = 16, 64
MAX_DIRECTORY_BYTES = 2**14
ALLOWED_KINDS = "biufU"
SUFFIX = ".npy"


def arrays_in(
    path: Path, max_bytes: int = MAX_BYTES, *, allow_compressed: bool = False, max_ratio: int = MAX_BYTES
) -> dict[str, np.ndarray]:
    """Return all arrays of a file by name, without using more memory than the file's size or `max_bytes`.

    Args:
        path: The file.
        max_bytes: Limit for the size of the file, and for the total size of its arrays.
        allow_compressed: True to accept deflated entries; otherwise the arrays cannot be larger than the file.
        max_ratio: Limit for the ratio of the arrays' total size to the file's, if entries may be deflated.

    Raises:
        OSError: The file is missing or cannot be read.
        ValueError: It is not a regular file or not an .npz file, is too large, or an array contradicts its header.
    """
    # Read at once: on Windows, the writer cannot replace a file that is open here.
    content = _read_bytes(path, max_bytes)
    try:
        check_directory(io.BytesIO(content), MAX_DIRECTORY_BYTES)
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = {entry.filename.removesuffix(SUFFIX): entry for entry in archive.infolist()}
            _check_entries(entries, min(max_bytes, len(content) * (max_ratio if allow_compressed else 1)))
            _check_compression(entries, allow_compressed)
            return {name: _array(archive, entry) for name, entry in entries.items()}
    except MemoryError:  # not a fault of the file
        raise
    except Exception as error:  # damaged files make the readers raise anything
        raise ValueError(f"it is damaged or not an .npz file: {error!s:.100}") from error


def _read_bytes(path: Path, max_bytes: int) -> bytes:
    """Read a file, but no pipe, device or folder: reading one may never end.

    Raises:
        OSError: The file is missing or cannot be read.
        ValueError: It is not a regular file, or too large.
    """
    status = path.stat()
    if not stat.S_ISREG(status.st_mode):
        raise ValueError("it is not a regular file")
    if status.st_size > max_bytes:
        raise ValueError(f"it has {status.st_size:,} bytes, more than the limit of {max_bytes:,}")
    return path.read_bytes()


def _check_entries(entries: dict[str, zipfile.ZipInfo], max_bytes: int) -> None:
    if len(entries) > MAX_ARRAYS or not all(name.isidentifier() and len(name) < MAX_NAME_LENGTH for name in entries):
        raise ValueError("it has too many arrays, or one with an invalid name")
    if sum(entry.file_size for entry in entries.values()) > max_bytes:
        raise ValueError("its arrays are larger than the limit")


def _check_compression(entries: dict[str, zipfile.ZipInfo], allow_compressed: bool) -> None:
    """Accept no method but deflate: with others, zipfile may decompress more than was requested."""
    allowed = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED} if allow_compressed else {zipfile.ZIP_STORED}
    if not {entry.compress_type for entry in entries.values()} <= allowed:
        raise ValueError("its arrays use an unsupported compression method")


def _array(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> np.ndarray:
    with archive.open(entry) as file:
        if np.lib.format.read_magic(file) != (1, 0):
            raise ValueError("an array has an unsupported .npy version")
        shape, is_fortran, dtype = np.lib.format.read_array_header_1_0(file)
        if dtype.kind not in ALLOWED_KINDS or not dtype.itemsize:
            raise ValueError("an array contains Python objects, which are never loaded: allow_pickle=False")
        size = prod(shape) * dtype.itemsize
        if min(shape, default=0) < 0 or size > entry.file_size:
            raise ValueError(f"an array of shape {shape!s:.60} is larger than its data")
        content = bytearray(file.read(size))
    if len(content) < size:
        raise ValueError("an array is truncated")
    return np.ndarray(shape, dtype, content, order="F" if is_fortran else "C")
