# SPDX-License-Identifier: GPL-3.0-or-later
"""The header of a safetensors file, checked against the file.

Source: the format's description in the README of huggingface/safetensors: eight bytes of header length, a JSON object,
then the tensors' bytes without holes.
"""

import json
from math import prod
from pathlib import Path

from ..errors import BrokenWeights
from .restricted_unpickler import is_shape, is_size

FORMATS_LONGEST_HEADER = 100_000_000
MAX_HEADER_BYTES = 16_000_000
"""Ours: one as long as the format allows takes a gigabyte to read, and the official files' are a fiftieth of this."""
BITS = {
    "BOOL": 8, "U8": 8, "I8": 8, "F8_E4M3": 8, "F8_E5M2": 8, "U16": 16, "I16": 16, "F16": 16, "BF16": 16,
    "U32": 32, "I32": 32, "F32": 32, "U64": 64, "I64": 64, "F64": 64,
}  # fmt: skip


def is_start(start: bytes) -> bool:
    """Whether a file that begins like this may be one: a length that is no text, then an object."""
    return start[8:9] == b"{" and int.from_bytes(start[:8], "little") <= FORMATS_LONGEST_HEADER


def shapes_in(path: Path, name: str) -> dict[str, tuple[int, ...]]:
    """Shapes of the tensors, by name.

    Args:
        path: The file.
        name: What messages call it.

    Raises:
        BrokenWeights: The header cannot be read, or does not describe this file.
    """
    header, data_bytes = _header(path, name)
    try:
        spans = sorted((*_offsets_of(entry), _bytes_of(entry)) for entry in header.values())
        shapes = {key: tuple(entry["shape"]) for key, entry in header.items()}
    except (KeyError, TypeError, ValueError) as error:
        raise BrokenWeights(f"{name} has a header that describes no tensors ({error}).") from error
    end = 0
    for start, stop, wanted in spans:
        if start != end or stop - start != wanted:
            raise BrokenWeights(f"{name} has a header that lies about where its tensors are.")
        end = stop
    if end != data_bytes:
        raise BrokenWeights(f"{name} holds {data_bytes:,} bytes of tensors, and its header speaks of {end:,}.")
    return shapes


def _header(path: Path, name: str) -> tuple[dict, int]:
    size = path.stat().st_size
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        if length > min(size - 8, MAX_HEADER_BYTES):
            raise BrokenWeights(f"{name} is cut short or has a header that lies about its length.")
        text = file.read(length)
    try:
        header = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BrokenWeights(f"{name} has a header that cannot be read.") from error
    if not isinstance(header, dict):
        raise BrokenWeights(f"{name} has a header that describes no tensors.")
    return {key: entry for key, entry in header.items() if key != "__metadata__"}, size - 8 - length


def _bytes_of(entry: dict) -> int:
    sides = entry["shape"]
    if not is_shape(sides):
        raise ValueError("a side is no whole number of a sensible size")
    return prod(sides) * BITS[entry["dtype"]] // 8


def _offsets_of(entry: dict) -> tuple[int, int]:
    start, stop = entry["data_offsets"]
    if not (is_size(start) and is_size(stop)):
        raise ValueError("a place is no whole number of a sensible size")
    return start, stop
