# SPDX-License-Identifier: GPL-3.0-or-later
"""Small images as PNG files, written and read without an image library, which Blender's Python lacks.

Source: PNG specification, third edition: chunks (5), filters (9), IHDR (11.2.1).
"""

import struct
import zlib
from collections.abc import Generator, Iterator
from itertools import pairwise

import numpy as np

SIGNATURE = b"\x89PNG\r\n\x1a\n"
CHANNELS = {0: 1, 2: 3, 4: 2, 6: 4}
"""Channels by color type: gray, RGB, gray with alpha, RGBA. Palettes are not read."""
MAX_SIDE = 512


def encode_png(pixels: np.ndarray) -> bytes:
    """Return an image as the bytes of a PNG file.

    Args:
        pixels: `(H, W, 4) uint8` sRGB with straight alpha, top row first.
    """
    height, width = pixels.shape[:2]
    rows = np.zeros((height, 1 + 4 * width), np.uint8)  # the filter of each row comes first: none
    rows[:, 1:] = pixels.reshape(height, -1)
    header = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows.tobytes(), 6)), (b"IEND", b""))
    return SIGNATURE + b"".join(_chunk(kind, data) for kind, data in chunks)


def decode_png(data: bytes, max_side: int = MAX_SIDE) -> np.ndarray:
    """Return the pixels of a PNG file with 8 bits per channel, without palette and interlacing.

    Args:
        data: The file, which is untrusted.
        max_side: Largest width and height that are accepted.

    Returns:
        `(H, W, 4) uint8` sRGB with straight alpha, top row first.

    Raises:
        ValueError: It is another file, damaged or too large.
    """
    steps = decode_png_steps(data, max_side)
    try:
        while True:
            next(steps)
    except StopIteration as end:
        pixels: np.ndarray = end.value
        return pixels


def decode_png_steps(data: bytes, max_side: int = MAX_SIDE) -> Generator[None, None, np.ndarray]:
    """Decode a PNG file as `decode_png` does, in steps of at most a few milliseconds; the value is what it returns."""
    chunks = []
    for chunk in _chunks(data):
        chunks.append(chunk)
        yield
    height, width, channels = _shape(chunks, max_side)
    packed = b"".join(content for kind, content in chunks if kind == b"IDAT")
    lines = np.frombuffer(_inflate(packed, height * (1 + width * channels)), np.uint8).reshape(height, -1)
    rows = np.zeros((height + 1, width * channels), np.uint8)  # the row above the first one is 0
    for line, (above, row) in zip(lines, pairwise(rows), strict=True):
        row[:] = _unfilter_row(int(line[0]), line[1:], above, channels)
        yield
    return _to_rgba(rows[1:].reshape(height, width, channels))


def _shape(chunks: list[tuple[bytes, bytes]], max_side: int) -> tuple[int, int, int]:
    """Return height, width and channels from the header."""
    if not chunks or chunks[0][0] != b"IHDR" or len(chunks[0][1]) != 13:
        raise ValueError("The PNG file has no header.")
    width, height, depth, color_type, *rest = struct.unpack(">IIBBBBB", chunks[0][1])
    if not (0 < width <= max_side and 0 < height <= max_side):
        raise ValueError(f"The PNG file has {width} x {height} pixels; {max_side} x {max_side} is the limit.")
    if depth != 8 or color_type not in CHANNELS or any(rest):
        raise ValueError("The PNG file has a palette, interlacing or other than 8 bits per channel.")
    return height, width, CHANNELS[color_type]


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    if not data.startswith(SIGNATURE):
        raise ValueError("The file is not a PNG file.")
    start = len(SIGNATURE)
    while start < len(data):
        if start + 12 > len(data):
            raise ValueError("The PNG file ends within a chunk.")
        (length,) = struct.unpack_from(">I", data, start)
        kind, content = data[start + 4 : start + 8], data[start + 8 : start + 8 + length]
        if data[start : start + 12 + length] != _chunk(kind, content):
            raise ValueError("The PNG file is damaged.")
        yield kind, content
        start += 12 + length


def _inflate(packed: bytes, size: int) -> bytes:
    try:
        rows = zlib.decompressobj().decompress(packed, size)  # no more memory than the header promises
    except zlib.error as error:
        raise ValueError("The PNG file is damaged.") from error
    if len(rows) != size:
        raise ValueError("The PNG file has too few pixels.")
    return rows


def _unfilter_row(kind: int, line: np.ndarray, above: np.ndarray, channels: int) -> np.ndarray:
    if kind == 0:
        return line
    if kind == 1:
        return np.cumsum(line.reshape(-1, channels), axis=0, dtype=np.uint8).ravel()
    if kind == 2:
        row: np.ndarray = line + above
        return row
    if kind in (3, 4):
        return _unfilter_by_neighbors(kind, line.tolist(), above.tolist(), channels)
    raise ValueError("The PNG file is damaged.")


def _unfilter_by_neighbors(kind: int, line: list[int], above: list[int], channels: int) -> np.ndarray:
    row = [0] * channels  # left of the first pixel
    above_left = [0] * channels + above
    for index, value in enumerate(line):
        left, up = row[index], above[index]
        predicted = (left + up) // 2 if kind == 3 else _paeth(left, up, above_left[index])
        row.append((value + predicted) & 255)
    return np.array(row[channels:], np.uint8)


def _paeth(left: int, up: int, above_left: int) -> int:
    to_left, to_up, to_corner = abs(up - above_left), abs(left - above_left), abs(left + up - 2 * above_left)
    if to_left <= to_up and to_left <= to_corner:
        return left
    return up if to_up <= to_corner else above_left


def _to_rgba(pixels: np.ndarray) -> np.ndarray:
    has_alpha = pixels.shape[2] in (2, 4)
    color = pixels[..., :-1] if has_alpha else pixels
    alpha = pixels[..., -1:] if has_alpha else np.full_like(pixels[..., :1], 255)
    return np.concatenate([np.broadcast_to(color, (*pixels.shape[:2], 3)), alpha], axis=2)
