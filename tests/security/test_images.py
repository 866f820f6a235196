# SPDX-License-Identifier: GPL-3.0-or-later
"""Untrusted images: bombs and other files are refused with a message and little memory.

Formats, modes, EXIF data and corrupt bytes: tests/engine/image/test_image_file.py.
"""

import struct
import zlib
from pathlib import Path

import pytest
from PIL import Image

from blender_text3d.engine.image.image_file import BadImage, read_image
from blender_text3d.engine.image.preprocess import prepare_image
from tests.security.conftest import SPECIAL_FILES, limited_memory

pytestmark = pytest.mark.usefixtures("bounded")


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int, *chunks: bytes, data: bytes = b"") -> bytes:
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(chunks) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def zeros(count: int) -> bytes:
    """Return zero bytes, compressed."""
    packer = zlib.compressobj(9)
    return b"".join(packer.compress(bytes(2**20)) for _ in range(count // 2**20)) + packer.flush()


ROWS = zlib.compress(bytes(64 * 9))
COMPRESSED_ZEROS, MEGABYTE = zeros(2**28), zeros(2**20)
BOMBS = {
    "50,000 x 50,000 in few bytes": png(50_000, 50_000, data=COMPRESSED_ZEROS),
    "2**31 - 1 x 2**31 - 1": png(2**31 - 1, 2**31 - 1, data=ROWS),
    "one endless row": png(2**31 - 1, 1, data=ROWS),
    "a packed profile": png(64, 64, chunk(b"iCCP", b"a\0\0" + COMPRESSED_ZEROS), data=ROWS),
    "a packed text": png(64, 64, chunk(b"zTXt", b"a\0\0" + COMPRESSED_ZEROS), data=ROWS),
    "a hundred packed texts": png(64, 64, *[chunk(b"zTXt", b"a\0\0" + MEGABYTE)] * 100, data=ROWS),
    "more rows than declared": png(64, 64, data=COMPRESSED_ZEROS),
    "a chunk of four gigabytes": png(64, 64)[:33] + struct.pack(">I", 2**32 - 1) + b"IDAT" + bytes(50),
    "a frame for each moment": png(64, 64, chunk(b"acTL", struct.pack(">II", 2**31 - 1, 0)), data=ROWS),
    "a jpeg of 65,535 x 65,535": b"\xff\xd8\xff\xc0\x00\x11\x08\xff\xff\xff\xff\x03\x01\x11\0\x02\x11\0\x03\x11\0",
    "a webp of 16,383 x 16,383": b"RIFF\x1a\0\0\0WEBPVP8L\x0d\0\0\0\x2f\xfe\xbf\xff\x0f" + bytes(9),
}
NOT_IMAGES = {
    "svg": b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>',
    "svg bomb": b'<!DOCTYPE a [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><svg>&b;</svg>',
    "html": b"<html><script>alert(1)</script>",
    "postscript": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 64 64\n(id) (r) file\n",
    "tiff": b"II*\0\x08\0\0\0\xff\xff",
    "pdf": b"%PDF-1.7\n",
    "zip": b"PK\x03\x04",
    "pickle": b"\x80\x04cos\nsystem\n.",
    "bmp": b"BM" + bytes(100),
    "gif": b"GIF89a" + bytes(100),
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_refused_or_read_as_the_small_image_it_also_is(tmp_path, name):
    path = tmp_path / "a.png"
    path.write_bytes(BOMBS[name])
    assert len(BOMBS[name]) < 2**20
    try:
        image, _ = read_image(path)
    except BadImage as error:
        assert str(error).startswith("a.png ")
        assert len(str(error)) < 400
        assert "\n" not in str(error)
    else:
        assert image.size == (64, 64)


@pytest.mark.parametrize("name", NOT_IMAGES)
def test_a_file_that_is_not_an_image_is_refused_whatever_its_name(tmp_path, name):
    path = tmp_path / "a.png"
    path.write_bytes(NOT_IMAGES[name])
    with pytest.raises(BadImage, match=r"a\.png is not a PNG, JPEG or WebP image"):
        prepare_image(path)


@pytest.mark.parametrize("what", SPECIAL_FILES)
def test_a_special_file_is_not_read_as_an_image(tmp_path, make_special_file, what):
    with pytest.raises(BadImage):
        prepare_image(make_special_file(tmp_path / "a.png", what))


@pytest.mark.parametrize("size", [(0, 0), (1, 1), (15, 4000), (4000, 15)])
def test_an_image_of_few_pixels_is_refused(tmp_path, size):
    path = tmp_path / "a.png"
    Image.new("L", size).save(path) if min(size) else path.write_bytes(png(*size))
    with pytest.raises(BadImage):
        read_image(path)


def test_a_file_of_a_terabyte_is_not_read_completely(tmp_path):
    path: Path = tmp_path / "a.png"
    path.write_bytes(png(64, 64, data=ROWS))
    with path.open("ab") as file:
        file.truncate(10**12)
    assert read_image(path)[0].size == (64, 64)


@pytest.mark.parametrize("mode", ["I;16", "RGB", "P"])
def test_a_large_image_needs_little_more_than_twice_its_own_memory(tmp_path, mode):
    side = 3000
    Image.new(mode, (side, side)).save(tmp_path / "a.png")
    with limited_memory(2 * 4 * side * side + 60 * 2**20):
        assert read_image(tmp_path / "a.png")[0].size == (side, side)
