# SPDX-License-Identifier: GPL-3.0-or-later
"""The header of a safetensors file: its length, its entries, and the bytes that they describe."""

import json

import pytest

from blender_text3d.engine.weights.errors import BrokenWeights
from blender_text3d.engine.weights.formats import safetensors_header
from blender_text3d.engine.weights.formats.safetensors_header import has_signature, read_shapes


@pytest.fixture
def read(tmp_path):
    """Read the shapes in a file with this header and data."""

    def read(header, data=b"", length=None):
        text = json.dumps(header).encode()
        length = len(text) if length is None else length
        (tmp_path / "net").write_bytes(length.to_bytes(8, "little") + text + data)
        return read_shapes(tmp_path / "net", "net.safetensors")

    return read


def entry(dtype, shape, start, stop):
    return {"dtype": dtype, "shape": shape, "data_offsets": [start, stop]}


@pytest.mark.parametrize(
    ("dtype", "size"),
    [("BOOL", 1), ("U8", 1), ("I8", 1), ("F8_E4M3", 1), ("F8_E5M2", 1), ("U16", 2), ("I16", 2), ("F16", 2), ("BF16", 2),
     ("U32", 4), ("I32", 4), ("F32", 4), ("U64", 8), ("I64", 8), ("F64", 8)],
)  # fmt: skip
def test_a_number_of_each_type_has_its_size(read, dtype, size):
    assert read({"a": entry(dtype, [3], 0, 3 * size)}, bytes(3 * size)) == {"a": (3,)}
    with pytest.raises(BrokenWeights, match="^net.safetensors has invalid tensor offsets in its header.$"):
        read({"a": entry(dtype, [3], 0, 3 * size + 1)}, bytes(3 * size + 1))


def test_tensors_may_be_in_any_order_empty_or_scalar(read):
    header = {"b": entry("F32", [2], 4, 12), "a": entry("F32", [], 0, 4), "c": entry("F32", [0, 5], 12, 12)}
    assert read(header, bytes(12)) == {"b": (2,), "a": (), "c": (0, 5)}
    assert read({}) == {}


def test_metadata_is_not_a_tensor(read):
    assert read({"__metadata__": {"format": "pt"}, "a": entry("U8", [1], 0, 1)}, b"x") == {"a": (1,)}


@pytest.mark.parametrize(
    ("header", "problem"),
    [
        ({"a": {"dtype": "U8", "shape": [1]}}, r"a header without valid tensors \('data_offsets'\)"),
        ({"a": entry("F99", [1], 0, 1)}, r"a header without valid tensors \('F99'\)"),
        ({"a": entry("U8", [True], 0, 1)}, r"\(a side is not an integer of a sensible size\)"),
        ({"a": entry("U8", [1], 0, 1.0)}, r"\(an offset is not an integer of a sensible size\)"),
        ({"a": entry("U8", [1], False, 1)}, r"\(an offset is not an integer of a sensible size\)"),
        ([], r"a header without valid tensors\.$"),
        ({"a": entry("U8", [1], 0, 1), "b": entry("U8", [1], 2, 3)}, "invalid tensor offsets"),
        ({"a": entry("U8", [1], 0, 1), "b": entry("U8", [1], 0, 1)}, "invalid tensor offsets"),
        ({"a": entry("U8", [4], 0, 4)}, "contains 3 bytes of tensors, and its header describes 4"),
        ({"a": entry("U8", [2], 0, 2)}, "contains 3 bytes of tensors, and its header describes 2"),
    ],
)
def test_an_invalid_header_is_described(read, header, problem):
    with pytest.raises(BrokenWeights, match=f"^net.safetensors .*{problem}"):
        read(header, b"123")


def test_a_header_may_be_as_long_as_the_file_and_the_limit(read, monkeypatch):
    assert read({"a": entry("U8", [0], 0, 0)}) == {"a": (0,)}
    with pytest.raises(BrokenWeights, match="^net.safetensors is truncated or has an invalid header length.$"):
        read({}, length=3)
    monkeypatch.setattr(safetensors_header, "MAX_HEADER_BYTES", 2)
    assert read({}) == {}
    monkeypatch.setattr(safetensors_header, "MAX_HEADER_BYTES", 1)
    with pytest.raises(BrokenWeights, match="invalid header length"):
        read({})


def test_a_header_that_is_not_json_is_named(read):
    with pytest.raises(BrokenWeights, match="^net.safetensors has a header that cannot be read.$"):
        read({}, b"}", length=1)


@pytest.mark.parametrize(
    ("length", "after", "expected"),
    [(2, b"{}", True), (100_000_000, b"{", True), (100_000_001, b"{", False), (2, b"[]", False), (2, b"", False)],
)
def test_a_signature_is_a_plausible_length_and_an_object(length, after, expected):
    assert has_signature(length.to_bytes(8, "little") + after) is expected


def test_the_default_limit_is_sixteen_megabytes():
    assert safetensors_header.MAX_HEADER_BYTES == 16_000_000
