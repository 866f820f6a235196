# SPDX-License-Identifier: GPL-3.0-or-later
"""Archives of arrays that lie, made byte by byte."""

import io
import zipfile

import numpy as np

POINTS = np.random.default_rng(3).random((6, 3), np.float32)
FACES = np.array([[0, 1, 2], [3, 4, 5]], np.int32)
MESH = {"vertices": POINTS, "faces": FACES, "colors": POINTS}


def npz_of(arrays: dict, compression: int = zipfile.ZIP_STORED) -> bytes:
    """An .npz of arrays, or of the bytes that stand in an array's place."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name, array in arrays.items():
            archive.writestr(f"{name}.npy", array if isinstance(array, bytes) else npy_of(array))
    return buffer.getvalue()


def npy_of(array: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=True)
    return buffer.getvalue()


def npy_that_says(shape: object, content: bytes = b"", descr: object = "<f4") -> bytes:
    """An array's file with any header."""
    header = f"{{'descr': {descr!r}, 'fortran_order': False, 'shape': {shape!r}}}"
    header += " " * (-(len(header) + 11) % 64) + "\n"
    return b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header.encode() + content


def swollen(zeros: int) -> bytes:
    """A small archive whose one array has so many zero bytes, unpacked."""
    header, block = npy_that_says((zeros // 12, 3)), bytes(2**20)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        with archive.open("points.npy", "w", force_zip64=True) as file:
            file.write(header)
            for _ in range(zeros // len(block)):
                file.write(block)
    return buffer.getvalue()


def swelling(name: str, way: int) -> bytes:
    """A small archive whose one entry says that it has 200 bytes, and has 8 MiB unpacked."""
    size, buffer = 2**23 + 77, io.BytesIO()
    with zipfile.ZipFile(buffer, "w", way) as archive:
        archive.writestr(name, npy_that_says((6, 3), bytes(72)) + bytes(size - 200))
    said = size.to_bytes(4, "little")
    assert buffer.getvalue().count(said) == 2
    return buffer.getvalue().replace(said, (200).to_bytes(4, "little"))


def crowded(lines: int) -> bytes:
    """An archive of nothing, so many times."""
    line = b"PK\x01\x02" + bytes(24) + b"\x01\0" + bytes(16) + b"a"
    end = b"PK\x05\x06" + bytes(4) + b"\xff\xff" * 2 + (lines * len(line)).to_bytes(4, "little") + bytes(6)
    return b"PK\x03\x04" + lines * line + end
