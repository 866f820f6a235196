# SPDX-License-Identifier: GPL-3.0-or-later
"""The reader of untrusted .npz files: what it accepts, and every limit at its boundary."""

import io
import os
import zipfile

import numpy as np
import pytest

from blender_text3d.geometry import safe_npz
from blender_text3d.geometry.safe_npz import arrays_in
from tests.security.npz_files import npy_of, npy_with_header, npz_of

POINTS = np.random.default_rng(5).random((6, 3), np.float32)
STORED, DEFLATED = zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED


@pytest.fixture
def path(tmp_path):
    return tmp_path / "arrays.npz"


def refusal_of(path, content: bytes, **choices) -> str:
    path.write_bytes(content)
    with pytest.raises(ValueError, match="it ") as refusal:
        arrays_in(path, **choices)
    return str(refusal.value)


@pytest.mark.parametrize(
    "array",
    [
        POINTS,
        np.asfortranarray(POINTS),
        POINTS.astype(">f8"),
        np.arange(24, dtype=np.int32).reshape(2, 3, 4),
        np.array([0, 255], np.uint8),
        np.array([True, False]),
        np.array(["chair", "🪑"]),
        np.float64(86.3),
        np.zeros((0, 3), np.int32),
    ],
    ids=lambda array: f"{array.dtype} {array.shape}",
)
def test_an_array_is_equal_after_a_round_trip_and_can_be_changed(path, array):
    np.savez(path, a=array, b=POINTS)
    arrays = arrays_in(path)
    assert list(arrays) == ["a", "b"]
    assert (arrays["a"].dtype, arrays["a"].shape) == (array.dtype, array.shape)
    np.testing.assert_array_equal(arrays["a"], array)
    assert arrays["a"].flags.writeable


@pytest.mark.parametrize("array", [np.array([1j]), np.array([b"x"]), np.array(["2026-01-01"], "M8[D]"), np.array([{}])])
def test_only_numbers_truth_values_and_text_are_accepted(path, array):
    assert "never loaded: allow_pickle=False" in refusal_of(path, npz_of({"a": array}))


@pytest.mark.parametrize("descr", ["<U0", "|V0"])
def test_items_without_size_are_refused(path, descr):
    content = npz_of({"a": npy_with_header((2**60, 3), b"", descr)})
    assert "never loaded" in refusal_of(path, content)


def test_a_limit_holds_for_the_size_of_the_file(path):
    content = npz_of({"a": POINTS})
    path.write_bytes(content)
    assert list(arrays_in(path, len(content))) == ["a"]
    message = f"it has {len(content):,} bytes, more than the limit of {len(content) - 1:,}"
    assert refusal_of(path, content, max_bytes=len(content) - 1) == message


def test_a_gigabyte_is_the_limit_if_none_is_given(path):
    with path.open("wb") as file:
        file.truncate(2**30 + 1)
    with pytest.raises(ValueError, match=r"^it has 1,073,741,825 bytes, more than the limit of 1,073,741,824$"):
        arrays_in(path)


def test_a_limit_holds_for_the_total_size_of_compressed_arrays(path):
    zeros = np.zeros(1000, np.uint8)
    content = npz_of({"a": zeros, "b": zeros}, DEFLATED)
    total = 2 * len(npy_of(zeros))
    path.write_bytes(content)
    assert len(content) < total
    assert list(arrays_in(path, total, allow_compressed=True)) == ["a", "b"]
    assert "arrays are larger than the limit" in refusal_of(path, content, max_bytes=total - 1, allow_compressed=True)


def test_compressed_arrays_are_accepted_only_on_request(path):
    random = np.random.default_rng(1).integers(0, 256, 1000, np.uint8)
    content = npz_of({"a": random}, DEFLATED)
    assert "unsupported compression method" in refusal_of(path, content)
    np.testing.assert_array_equal(arrays_in(path, allow_compressed=True)["a"], random)
    assert "larger than the limit" in refusal_of(path, npz_of({"a": np.zeros(1000)}, DEFLATED))
    path.write_bytes(npz_of({"a": random}, STORED))
    np.testing.assert_array_equal(arrays_in(path, allow_compressed=True)["a"], random)


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_other_compression_is_refused_even_on_request(path, method):
    content = npz_of({"a": POINTS}, method)
    assert "unsupported compression method" in refusal_of(path, content, allow_compressed=True)


def test_up_to_sixteen_arrays_are_read(path):
    path.write_bytes(npz_of({f"a{number}": POINTS for number in range(16)}))
    assert len(arrays_in(path)) == 16
    content = npz_of({f"a{number}": POINTS for number in range(17)})
    assert "too many arrays, or one with an invalid name" in refusal_of(path, content)


def test_names_are_identifiers_of_up_to_63_characters(path):
    path.write_bytes(npz_of({"x" * 63: POINTS}))
    assert list(arrays_in(path)) == ["x" * 63]
    for name in ("x" * 64, "a b", "../a", "1a", ""):
        assert "invalid name" in refusal_of(path, npz_of({"a": POINTS, name: POINTS}))


def with_directory_of(directory_bytes: int) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        entry = zipfile.ZipInfo("a.npy")
        entry.comment = b"x" * (directory_bytes - 46 - len("a.npy"))
        archive.writestr(entry, npy_of(POINTS))
    return buffer.getvalue()


def test_a_directory_of_more_than_16_kilobytes_is_not_read(path):
    path.write_bytes(with_directory_of(16_384))
    assert list(arrays_in(path)) == ["a"]
    assert "its central directory has 16,385 bytes" in refusal_of(path, with_directory_of(16_385))


def test_another_version_of_the_array_format_is_refused(path):
    content = npz_of({"a": npy_of(POINTS).replace(b"NUMPY\x01", b"NUMPY\x02")})
    assert "an array has an unsupported .npy version" in refusal_of(path, content)


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        ((6, 3), None),
        ((7, 3), "an array is truncated"),
        ((600, 3), "an array of shape (600, 3) is larger than its data"),
        ((-1, 3), "an array of shape (-1, 3) is larger than its data"),
        ((-6, -3), "an array of shape (-6, -3) is larger than its data"),
        ((2**40, 2**40), "is larger than its data"),
    ],
)
def test_an_array_has_as_much_data_as_its_header_says(path, shape, message):
    content = npz_of({"a": npy_with_header(shape, POINTS.tobytes())})
    if message:
        assert message in refusal_of(path, content)
    else:
        path.write_bytes(content)
        np.testing.assert_array_equal(arrays_in(path)["a"], POINTS)


def test_the_message_about_a_damaged_file_is_short(path):
    assert refusal_of(path, b"").startswith("it is damaged or not an .npz file: ")
    shape = (2**40,) * 30
    message = refusal_of(path, npz_of({"a": npy_with_header(shape)}))
    assert len(message) == len("it is damaged or not an .npz file: ") + 100


def test_a_lack_of_memory_is_not_a_fault_of_the_file(path, monkeypatch):
    def no_memory(*_: object) -> None:
        raise MemoryError

    path.write_bytes(npz_of({"a": POINTS}))
    monkeypatch.setattr(safe_npz, "_array", no_memory)
    with pytest.raises(MemoryError):
        arrays_in(path)


def test_a_missing_file_and_a_pipe_are_not_read(path, tmp_path):
    with pytest.raises(FileNotFoundError):
        arrays_in(path)
    os.mkfifo(path)
    for special in (path, tmp_path):
        with pytest.raises(ValueError, match=r"^it is not a regular file$"):
            arrays_in(special)
