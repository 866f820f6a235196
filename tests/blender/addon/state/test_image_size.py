# SPDX-License-Identifier: GPL-3.0-or-later
"""The number of pixels that the header of an image file claims."""

import struct

import pytest

from blender_text3d.addon.state.image_size import pixel_count

PNG = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + b"IHDR"


def riff(kind, body):
    return b"RIFF" + struct.pack("<I", 4 + 8 + len(body)) + b"WEBP" + kind + struct.pack("<I", len(body)) + body


def jpeg(*frames):
    """A JPEG with one frame header for each (marker, height, width, components)."""
    headers = [
        b"\xff" + bytes([marker]) + struct.pack(">HBHHB", 17, 8, height, width, components)
        for marker, height, width, components in frames
    ]
    return b"\xff\xd8\xff\xe0" + struct.pack(">H", 16) + b"JFIF\0" + b"\0" * 9 + b"".join(headers)


@pytest.fixture
def count(tmp_path):
    def count(content):
        path = tmp_path / "image"
        path.write_bytes(content)
        return pixel_count(path)

    return count


def test_a_png_has_its_width_before_its_height(count):
    assert count(PNG + struct.pack(">IIB", 3, 500, 8)) == 1500
    assert count(PNG + struct.pack(">IIB", 2**31 - 1, 2, 8)) == 2 * (2**31 - 1)


def test_a_png_that_ends_in_its_header_or_begins_with_another_chunk_has_no_size(count):
    assert count(PNG + struct.pack(">II", 3, 500)) == 0
    assert count(PNG.replace(b"IHDR", b"IDAT") + struct.pack(">IIB", 3, 500, 8)) == 0
    assert count(b"\x88" + PNG[1:] + struct.pack(">IIB", 3, 500, 8)) == 0


@pytest.mark.parametrize("marker", [0xC0, 0xC1, 0xC2, 0xC3, 0xC5, 0xC7, 0xC9, 0xCB, 0xCD, 0xCF])
def test_a_jpeg_has_its_size_in_any_kind_of_frame(count, marker):
    assert count(jpeg((marker, 300, 7, 3))) == 2100


@pytest.mark.parametrize(("marker", "components"), [(0xC4, 3), (0xC8, 3), (0xCC, 3), (0xDA, 3), (0xC0, 0), (0xC0, 5)])
def test_other_segments_of_a_jpeg_are_no_frames(count, marker, components):
    assert count(jpeg((marker, 300, 7, components))) == 0


@pytest.mark.parametrize("components", [1, 4])
def test_a_gray_and_a_cmyk_jpeg_have_a_size(count, components):
    assert count(jpeg((0xC0, 300, 7, components))) == 2100


def test_a_jpeg_with_a_thumbnail_has_the_larger_size_in_either_order(count):
    assert count(jpeg((0xC0, 10, 10, 3), (0xC2, 300, 7, 3))) == 2100
    assert count(jpeg((0xC2, 300, 7, 3), (0xC0, 10, 10, 3))) == 2100


def test_a_jpeg_without_a_frame_has_no_size(count):
    assert count(jpeg()) == 0


def test_the_size_of_a_jpeg_may_come_late_but_not_after_a_quarter_of_a_mebibyte(count):
    frame = jpeg((0xC0, 300, 7, 3))[20:]
    assert count((jpeg() + b"\0" * 2**18)[: 2**18 - len(frame)] + frame) == 2100
    assert count((jpeg() + b"\0" * 2**18) + frame) == 0


def test_a_webp_with_extensions_has_24_bit_sides_less_one(count):
    flags = b"\0" * 4
    assert count(riff(b"VP8X", flags + (299).to_bytes(3, "little") + (0x10006).to_bytes(3, "little") + b"\0")) == (
        300 * 0x10007
    )


def test_a_lossless_webp_has_14_bit_sides_less_one(count):
    bits = 299 | 6 << 14 | 1 << 28  # alpha is set
    assert count(riff(b"VP8L", b"\x2f" + bits.to_bytes(4, "little") + b"\0" * 6)) == 2100
    bits = 0x3FFF | 0x3FFF << 14
    assert count(riff(b"VP8L", b"\x2f" + bits.to_bytes(4, "little") + b"\0" * 6)) == 2**28


def test_a_lossy_webp_has_14_bit_sides_with_a_scale_above_them(count):
    body = b"\0" * 3 + b"\x9d\x01\x2a" + struct.pack("<HH", 300 | 1 << 14, 7 | 2 << 14) + b"\0"
    assert count(riff(b"VP8 ", body)) == 2100


def test_a_webp_that_ends_in_its_header_has_no_size(count):
    whole = riff(b"VP8X", b"\0" * 4 + (299).to_bytes(3, "little") + (6).to_bytes(3, "little") + b"\0")
    assert (count(whole[:31]), count(whole[:30])) == (2100, 0)
    assert count(whole.replace(b"WEBP", b"WAVE")) == 0
    assert count(whole.replace(b"RIFF", b"RIFX")) == 0


@pytest.mark.parametrize("content", [b"", b"GIF89a" + b"\0" * 40, b"\0" * 40, b"\xff"])
def test_any_other_file_has_no_size(count, content):
    assert count(content) == 0


def test_a_missing_file_is_an_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        pixel_count(tmp_path / "missing.png")
