# SPDX-License-Identifier: GPL-3.0-or-later
"""Invalid .npz archives, written byte by byte."""

import io
import zipfile

import numpy as np

POINTS = np.random.default_rng(3).random((6, 3), np.float32)
FACES = np.array([[0, 1, 2], [3, 4, 5]], np.int32)
MESH = {"vertices": POINTS, "faces": FACES, "colors": POINTS}


def npz_of(arrays: dict, compression: int = zipfile.ZIP_STORED) -> bytes:
    """Return an .npz of arrays; bytes are stored as they are."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name, array in arrays.items():
            archive.writestr(f"{name}.npy", array if isinstance(array, bytes) else npy_of(array))
    return buffer.getvalue()


def npy_of(array: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=True)
    return buffer.getvalue()


def npy_with_header(shape: object, content: bytes = b"", descr: object = "<f4") -> bytes:
    """Return an .npy file with any header."""
    header = f"{{'descr': {descr!r}, 'fortran_order': False, 'shape': {shape!r}}}"
    header += " " * (-(len(header) + 11) % 64) + "\n"
    return b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header.encode() + content


def zip_bomb(zeros: int) -> bytes:
    """Return a small archive with one array of this many zero bytes when decompressed."""
    header, block = npy_with_header((zeros // 12, 3)), bytes(2**20)
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open("points.npy", "w", force_zip64=True) as file,
    ):
        file.write(header)
        for _ in range(zeros // len(block)):
            file.write(block)
    return buffer.getvalue()


def undersized_entry(name: str, compression: int) -> bytes:
    """Return a small archive whose only entry declares 200 bytes and has 8 MiB when decompressed."""
    size, buffer = 2**23 + 77, io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        archive.writestr(name, npy_with_header((6, 3), bytes(72)) + bytes(size - 200))
    declared = size.to_bytes(4, "little")
    assert buffer.getvalue().count(declared) == 2
    return buffer.getvalue().replace(declared, (200).to_bytes(4, "little"))


def many_entries(count: int) -> bytes:
    """Return an archive whose central directory lists this many empty entries."""
    entry = b"PK\x01\x02" + bytes(24) + b"\x01\0" + bytes(16) + b"a"
    end = b"PK\x05\x06" + bytes(4) + b"\xff\xff" * 2 + (count * len(entry)).to_bytes(4, "little") + bytes(6)
    return b"PK\x03\x04" + count * entry + end
