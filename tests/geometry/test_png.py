# SPDX-License-Identifier: GPL-3.0-or-later
"""PNG files against another library's, every filter and color type, and damaged or hostile files."""

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from blender_text3d.geometry.png import MAX_SIDE, SIGNATURE, decode_png, decode_png_steps, encode_png


def random_pixels(height, width, channels=4, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (height, width, channels), np.uint8)


def png(width, height, color_type, rows, depth=8, interlace=0):
    """Return a PNG file with these filtered rows."""
    parts = ((b"IHDR", struct.pack(">IIBBBBB", width, height, depth, color_type, 0, 0, interlace)),
             (b"IDAT", zlib.compress(rows)), (b"IEND", b""))  # fmt: skip
    chunks = (struct.pack(">I", len(d)) + k + d + struct.pack(">I", zlib.crc32(k + d)) for k, d in parts)
    return SIGNATURE + b"".join(chunks)


def test_another_library_reads_what_is_written():
    pixels = random_pixels(7, 5)
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(encode_png(pixels))).convert("RGBA")), pixels)


def test_what_is_written_is_read_back():
    pixels = random_pixels(128, 96)
    assert np.array_equal(decode_png(encode_png(pixels)), pixels)


@pytest.mark.parametrize("mode", ["L", "LA", "RGB", "RGBA"])
def test_every_color_type_is_read_as_another_library_reads_it(mode):
    smooth = (
        np.add.outer(np.arange(40), 3 * np.arange(30))[..., None] + np.arange(len(mode)) * 50
    )  # chooses all filters
    image = Image.fromarray(np.squeeze((smooth % 256).astype(np.uint8)), mode)
    file = io.BytesIO()
    image.save(file, "PNG")
    assert np.array_equal(decode_png(file.getvalue()), np.asarray(image.convert("RGBA")))


@pytest.mark.parametrize("kind", range(5))
def test_every_filter_is_undone(kind):
    filtered = random_pixels(6, 1 + 4 * 4, 1)[..., 0]
    filtered[:, 0] = kind
    data = png(4, 6, 6, filtered.tobytes())
    assert np.array_equal(decode_png(data), np.asarray(Image.open(io.BytesIO(data))))


def test_the_largest_accepted_side_is_the_limit():
    assert decode_png(encode_png(np.zeros((1, MAX_SIDE, 4), np.uint8))).shape == (1, MAX_SIDE, 4)
    assert decode_png(encode_png(np.zeros((4, 1, 4), np.uint8)), max_side=4).shape == (4, 1, 4)
    for shape in ((1, 5), (5, 1)):
        with pytest.raises(ValueError, match="4 x 4 is the limit"):
            decode_png(encode_png(np.zeros((*shape, 4), np.uint8)), max_side=4)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"GIF89a",
        SIGNATURE,
        png(0, 1, 6, b""),
        png(2, 2, 3, bytes(6)),
        png(2, 2, 6, bytes(18), depth=16),
        png(2, 2, 6, bytes(18), interlace=1),
        png(2, 2, 6, bytes(17)),
        png(2, 2, 6, b"\x05" + bytes(17)),
        encode_png(random_pixels(4, 4))[:-1],
        encode_png(random_pixels(4, 4))[:30],
    ],
)
def test_other_files_and_damaged_ones_are_refused(data):
    with pytest.raises(ValueError, match="PNG file"):
        decode_png(data)


def test_a_changed_byte_anywhere_is_noticed():
    data = encode_png(random_pixels(3, 3))
    for index in range(len(data)):
        damaged = bytearray(data)
        damaged[index] ^= 1
        with pytest.raises(ValueError, match=r"PNG file|not a PNG"):
            decode_png(bytes(damaged))


def test_a_file_that_unpacks_to_more_than_its_header_says_takes_no_more_memory():
    data = png(2, 2, 6, bytes(18) + bytes(50_000_000))
    assert decode_png(data).shape == (2, 2, 4)


OTHER_KIND = "The PNG file has a palette, interlacing or other than 8 bits per channel."


def test_a_written_file_has_eight_bits_of_four_channels_and_no_filters():
    data = encode_png(random_pixels(3, 5))
    assert data[:8] == SIGNATURE
    assert data[12:29] == b"IHDR" + struct.pack(">IIBBBBB", 5, 3, 8, 6, 0, 0, 0)
    rows = zlib.decompress(data[data.index(b"IDAT") + 4 : data.index(b"IEND") - 8])
    assert rows == b"".join(b"\x00" + row.tobytes() for row in random_pixels(3, 5))
    assert data.endswith(b"\x00\x00\x00\x00IEND\xaeB`\x82")


def test_pixels_in_several_parts_are_joined():
    whole = zlib.compress(bytes(18))
    parts = png(2, 2, 6, b"")[:33]
    for kind, content in ((b"IDAT", whole[:5]), (b"tEXt", b"a\x00b"), (b"IDAT", whole[5:]), (b"IEND", b"")):
        parts += struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
    assert decode_png(parts).tolist() == np.zeros((2, 2, 4)).tolist()


def test_images_of_up_to_512_pixels_are_read_if_no_limit_is_given():
    assert MAX_SIDE == 512
    with pytest.raises(ValueError, match=r"^The PNG file has 513 x 1 pixels; 512 x 512 is the limit\.$"):
        decode_png(png(513, 1, 6, b""))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"GIF89a", "The file is not a PNG file."),
        (SIGNATURE, "The PNG file has no header."),
        (SIGNATURE + png(1, 1, 6, bytes(5))[33:], "The PNG file has no header."),
        (png(0, 1, 6, b""), "The PNG file has 0 x 1 pixels; 512 x 512 is the limit."),
        (png(1, 0, 6, b""), "The PNG file has 1 x 0 pixels; 512 x 512 is the limit."),
        (png(2, 2, 3, bytes(6)), OTHER_KIND),
        (png(2, 2, 0, bytes(6), depth=4), OTHER_KIND),
        (
            png(2, 2, 6, bytes(18), interlace=1),
            OTHER_KIND,
        ),
        (png(2, 2, 6, bytes(17)), "The PNG file has too few pixels."),
        (png(2, 2, 6, b"\x05" + bytes(17)), "The PNG file is damaged."),
        (png(2, 2, 6, bytes(18)).replace(zlib.compress(bytes(18)), b"x" * 11), "The PNG file is damaged."),
        (png(2, 2, 6, bytes(18))[:-1], "The PNG file ends within a chunk."),
        (png(2, 2, 6, bytes(18))[:-11], "The PNG file ends within a chunk."),
    ],
)
def test_a_refusal_says_what_is_wrong_with_the_file(data, message):
    with pytest.raises(ValueError, match="file") as refusal:
        decode_png(data)
    assert str(refusal.value) == message


@pytest.mark.parametrize(
    ("color_type", "pixel", "rgba"),
    [
        (0, [7], [7, 7, 7, 255]),
        (2, [1, 2, 3], [1, 2, 3, 255]),
        (4, [7, 9], [7, 7, 7, 9]),
        (6, [1, 2, 3, 4], [1, 2, 3, 4]),
    ],
)
def test_every_color_type_becomes_color_and_alpha(color_type, pixel, rgba):
    decoded = decode_png(png(1, 1, color_type, bytes([0, *pixel])))
    assert (decoded.dtype, decoded.tolist()) == (np.uint8, [[rgba]])


def test_decoding_in_steps_gives_the_same_pixels_after_a_step_for_every_row():
    data = encode_png(random_pixels(9, 5))
    steps, count = decode_png_steps(data), 0
    try:
        while True:
            next(steps)
            count += 1
    except StopIteration as end:
        assert np.array_equal(end.value, decode_png(data))
    assert count >= 9
