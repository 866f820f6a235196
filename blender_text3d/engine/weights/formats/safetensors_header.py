# SPDX-License-Identifier: GPL-3.0-or-later
"""Read the header of a safetensors file and check it against the file.

Source: the format's description in the README of huggingface/safetensors: eight bytes of header length, a JSON object,
then the tensors' bytes without gaps.
"""

import json
from math import prod
from pathlib import Path

from ..errors import BrokenWeights
from .restricted_unpickler import is_shape, is_size

FORMAT_MAX_HEADER_BYTES = 100_000_000
MAX_HEADER_BYTES = 16_000_000
"""A header as long as the format allows takes a gigabyte to parse; the official files need a fiftieth of this limit."""
BITS = {
    "BOOL": 8, "U8": 8, "I8": 8, "F8_E4M3": 8, "F8_E5M2": 8, "U16": 16, "I16": 16, "F16": 16, "BF16": 16,
    "U32": 32, "I32": 32, "F32": 32, "U64": 64, "I64": 64, "F64": 64,
}  # fmt: skip


def has_signature(start: bytes) -> bool:
    """True if a file that starts like this may be safetensors: a plausible length, then an object."""
    return start[8:9] == b"{" and int.from_bytes(start[:8], "little") <= FORMAT_MAX_HEADER_BYTES


def read_shapes(path: Path, name: str) -> dict[str, tuple[int, ...]]:
    """Return tensor shapes by name.

    Args:
        path: The file.
        name: Name of the file in messages.

    Raises:
        BrokenWeights: The header cannot be read, or does not match the file.
    """
    header, data_bytes = _read_header(path, name)
    try:
        spans = sorted((*_offsets_of(entry), _bytes_of(entry)) for entry in header.values())
        shapes = {key: tuple(entry["shape"]) for key, entry in header.items()}
    except (KeyError, TypeError, ValueError) as error:
        raise BrokenWeights(f"{name} has a header without valid tensors ({error}).") from error
    end = 0
    for start, stop, size in spans:
        if start != end or stop - start != size:
            raise BrokenWeights(f"{name} has invalid tensor offsets in its header.")
        end = stop
    if end != data_bytes:
        raise BrokenWeights(f"{name} contains {data_bytes:,} bytes of tensors, and its header describes {end:,}.")
    return shapes


def _read_header(path: Path, name: str) -> tuple[dict, int]:
    size = path.stat().st_size
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        if length > min(size - 8, MAX_HEADER_BYTES):
            raise BrokenWeights(f"{name} is truncated or has an invalid header length.")
        text = file.read(length)
    try:
        header = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BrokenWeights(f"{name} has a header that cannot be read.") from error
    if not isinstance(header, dict):
        raise BrokenWeights(f"{name} has a header without valid tensors.")
    return {key: entry for key, entry in header.items() if key != "__metadata__"}, size - 8 - length


def _bytes_of(entry: dict) -> int:
    shape = entry["shape"]
    if not is_shape(shape):
        raise ValueError("a side is not an integer of a sensible size")
    return prod(shape) * BITS[entry["dtype"]] // 8


def _offsets_of(entry: dict) -> tuple[int, int]:
    start, stop = entry["data_offsets"]
    if not (is_size(start) and is_size(stop)):
        raise ValueError("an offset is not an integer of a sensible size")
    return start, stop


def read_dtypes(path: Path, name: str) -> set[str]:
    """Return the dtypes of the tensors, such as "BF16".

    Args:
        path: The file.
        name: Name of the file in messages.

    Raises:
        BrokenWeights: The header cannot be read.
    """
    header, _ = _read_header(path, name)
    return {str(entry.get("dtype")) for entry in header.values() if isinstance(entry, dict)}
