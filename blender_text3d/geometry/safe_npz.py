# SPDX-License-Identifier: GPL-3.0-or-later
"""The arrays of an .npz that anybody may have made: looked at before they are believed, and never larger than said.

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
"""Of a file: many times what the finest mesh takes."""
MAX_ARRAYS, MAX_NAME_LENGTH = 16, 64
MAX_DIRECTORY_BYTES = 2**14
NUMBERS_AND_TEXT = "biufU"
ENDING = ".npy"


def arrays_in(path: Path, most_bytes: int = MAX_BYTES, *, may_be_packed: bool = False) -> dict[str, np.ndarray]:
    """All arrays of a file, by name. No pickles, and never more memory than the file's own size or `most_bytes`.

    Args:
        path: The file.
        most_bytes: The most that the file, and its arrays together, may have.
        may_be_packed: Whether it may be a compressed one; else the arrays cannot be larger than the file.

    Raises:
        OSError: The file is missing or cannot be read.
        ValueError: It is no plain file, no .npz, too large, or its arrays are not what they say.
    """
    # Read at once: on Windows a file that stays open here could not be replaced by its writer.
    content = bytes_of(path, most_bytes)
    try:
        check_directory(io.BytesIO(content), MAX_DIRECTORY_BYTES)
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = {entry.filename.removesuffix(ENDING): entry for entry in archive.infolist()}
            _check_entries(entries, most_bytes if may_be_packed else len(content))
            _check_packing(entries, may_be_packed)
            return {name: _array(archive, entry) for name, entry in entries.items()}
    except MemoryError:  # not the file's fault
        raise
    except Exception as error:  # whatever a damaged file makes of the readers
        raise ValueError(f"it is damaged or no .npz: {error!s:.100}") from error


def bytes_of(path: Path, most_bytes: int) -> bytes:
    """A file's bytes. Pipes, devices and folders are refused: reading one may never end.

    Raises:
        OSError: The file is missing or cannot be read.
        ValueError: It is no plain file, or too large.
    """
    status = path.stat()
    if not stat.S_ISREG(status.st_mode):
        raise ValueError("it is no plain file")
    if status.st_size > most_bytes:
        raise ValueError(f"it has {status.st_size:,} bytes, and {most_bytes:,} are the most")
    return path.read_bytes()


def _check_entries(entries: dict[str, zipfile.ZipInfo], most_bytes: int) -> None:
    if len(entries) > MAX_ARRAYS or not all(name.isidentifier() and len(name) < MAX_NAME_LENGTH for name in entries):
        raise ValueError("its arrays have names that none of ours has")
    if sum(entry.file_size for entry in entries.values()) > most_bytes:
        raise ValueError("its arrays are larger than it can hold")


def _check_packing(entries: dict[str, zipfile.ZipInfo], may_be_packed: bool) -> None:
    """Of the ways to pack, zipfile unpacks no more than it was asked for with one alone."""
    ways = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED} if may_be_packed else {zipfile.ZIP_STORED}
    if not {entry.compress_type for entry in entries.values()} <= ways:
        raise ValueError("its arrays are packed as none of ours is")


def _array(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> np.ndarray:
    with archive.open(entry) as file:
        if np.lib.format.read_magic(file) != (1, 0):
            raise ValueError("an array is of another version")
        shape, is_fortran, dtype = np.lib.format.read_array_header_1_0(file)
        if dtype.kind not in NUMBERS_AND_TEXT or not dtype.itemsize:
            raise ValueError("an array holds something else than numbers, which is never unpacked: allow_pickle=False")
        size = prod(shape) * dtype.itemsize
        if min(shape, default=0) < 0 or size > entry.file_size:
            raise ValueError(f"an array of the shape {shape!s:.60} is larger than its file")
        content = bytearray(file.read(size))
    if len(content) < size:
        raise ValueError("an array is cut short")
    return np.ndarray(shape, dtype, content, order="F" if is_fortran else "C")
