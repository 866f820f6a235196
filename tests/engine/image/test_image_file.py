# SPDX-License-Identifier: GPL-3.0-or-later
"""Every kind of image file is read or refused with a message."""

import os
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from blender_text3d.engine.image.image_file import BadImage, read_image
from tests.engine.image.drawing import mug

RED = (200, 40, 30)


def pixel(path, at=(150, 100)) -> tuple:
    return read_image(path)[0].getpixel(at)


def png_header(width: int, height: int) -> bytes:
    """A PNG header of any size without pixels."""
    chunk = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = b"IDAT" + zlib.compress(b"")
    parts = [struct.pack(">I", len(part) - 4) + part + struct.pack(">I", zlib.crc32(part)) for part in (chunk, data)]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


@pytest.mark.parametrize(
    ("name", "options"), [("a.png", {}), ("a.jpg", {"quality": 95}), ("a.webp", {"lossless": True})]
)
def test_the_three_formats_are_read(tmp_path, name, options):
    mug().convert("RGB").save(tmp_path / name, **options)
    image, notes = read_image(tmp_path / name)
    assert (image.mode, image.size, notes) == ("RGBA", (320, 240), ())
    assert np.abs(np.subtract(image.getpixel((150, 100)), (*RED, 255))).max() <= 3


def test_a_format_is_recognized_by_content_not_by_name(tmp_path):
    mug().save(tmp_path / "a.jpg", format="PNG")
    assert pixel(tmp_path / "a.jpg") == (*RED, 255)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA"])
def test_every_mode_of_png_becomes_rgba(tmp_path, mode):
    mug().convert(mode).save(tmp_path / "a.png")
    image, _ = read_image(tmp_path / "a.png")
    assert image.mode == "RGBA"
    assert min(image.getpixel((5, 5))) >= 254


def test_a_palette_with_a_transparent_color_keeps_its_alpha(tmp_path):
    mug().convert("RGB").quantize(8).save(tmp_path / "a.png", transparency=0)
    alpha = np.asarray(read_image(tmp_path / "a.png")[0].getchannel("A"))
    assert set(np.unique(alpha)) == {0, 255}


def test_sixteen_bit_gray_is_scaled_not_truncated(tmp_path):
    gray = np.linspace(0, 65535, 64 * 64).reshape(64, 64).astype(np.uint16)
    Image.fromarray(gray).save(tmp_path / "a.png")
    image, _ = read_image(tmp_path / "a.png")
    assert image.getpixel((0, 0))[0] == 0
    assert image.getpixel((63, 63))[0] == 255
    assert image.getpixel((32, 31))[0] == pytest.approx(126, abs=2)


def test_a_cmyk_jpeg_becomes_rgb(tmp_path):
    mug().convert("RGB").convert("CMYK").save(tmp_path / "a.jpg", quality=95)
    assert np.abs(np.subtract(pixel(tmp_path / "a.jpg"), (*RED, 255))).max() <= 4


@pytest.mark.parametrize(("orientation", "corner"), [(1, (0, 0)), (3, (63, 31)), (6, (31, 0)), (8, (0, 63))])
@pytest.mark.parametrize("name", ["a.jpg", "a.png", "a.webp"])
def test_an_image_is_rotated_by_its_exif_orientation(tmp_path, name, orientation, corner):
    image = Image.new("RGB", (64, 32), (255, 255, 255))
    image.paste((0, 0, 0), (0, 0, 8, 8))
    exif = Image.Exif()
    exif[0x0112] = orientation
    image.save(tmp_path / name, exif=exif)
    assert max(pixel(tmp_path / name, corner)[:3]) < 60


def test_corrupt_exif_data_is_ignored(tmp_path):
    mug().convert("RGB").save(tmp_path / "a.jpg", exif=b"Exif\x00\x00II*\x00\xff\xff\xff\xff")
    assert read_image(tmp_path / "a.jpg")[0].size == (320, 240)


@pytest.mark.parametrize("name", ["a.webp", "a.png"])
def test_an_animation_gives_its_first_frame_and_a_note(tmp_path, name):
    mug().save(tmp_path / name, save_all=True, append_images=[Image.new("RGBA", (320, 240))], lossless=True)
    image, notes = read_image(tmp_path / name)
    assert image.getpixel((150, 100)) == (*RED, 255)
    assert notes == (f"{name} is an animation; the first of its 2 frames is used.",)


def test_a_photo_with_a_thumbnail_is_not_an_animation(tmp_path):
    mug().convert("RGB").save(
        tmp_path / "a.jpg", format="MPO", save_all=True, append_images=[Image.new("RGB", (32, 32))]
    )
    assert read_image(tmp_path / "a.jpg")[1] == ()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "a.png is empty. Save the image as PNG, JPEG or WebP."),
        (b"<html>not found</html>", "a.png is not a PNG, JPEG or WebP image, or is corrupt."),
        (b"\x89PNG\r\n\x1a\n", "a.png is not a PNG, JPEG or WebP image, or is corrupt."),
        (b"GIF89a" + bytes(100), "a.png is not a PNG, JPEG or WebP image"),
        (png_header(0, 0), "a.png"),
        (png_header(4, 300), "a.png has 4 x 300 pixels, too few to use"),
        (png_header(10_000, 10_000), "a.png has 10000 x 10000 pixels, more than 64 million. Make it smaller."),
        (png_header(100_000, 100_000), "a.png is too large"),
        (png_header(64, 64), "a.png is truncated or corrupt"),
    ],
)
def test_a_file_that_cannot_be_used_is_named_with_the_reason(tmp_path, content, sentence):
    (tmp_path / "a.png").write_bytes(content)
    with pytest.raises(BadImage) as raised:
        read_image(tmp_path / "a.png")
    assert str(raised.value).startswith(sentence)


@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.webp"])
@pytest.mark.parametrize("share", [0.02, 0.5, 0.95])
def test_a_truncated_file_is_refused(tmp_path, name, share):
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)).save(tmp_path / name)
    complete = (tmp_path / name).read_bytes()
    (tmp_path / name).write_bytes(complete[: int(len(complete) * share)])
    with pytest.raises(BadImage, match=f"{name} .*(truncated|corrupt)"):
        read_image(tmp_path / name)


def test_a_missing_file_and_a_folder_are_refused(tmp_path):
    with pytest.raises(BadImage, match="There is no image at"):
        read_image(tmp_path / "none.png")
    with pytest.raises(BadImage, match="cannot be read"):
        read_image(tmp_path)


@pytest.mark.parametrize("seed", range(30))
def test_randomly_changed_bytes_give_an_image_or_an_error(tmp_path, seed):
    random = np.random.default_rng(seed)
    name = ("a.png", "a.jpg", "a.webp")[seed % 3]
    mug(size=(64, 48)).convert("RGB").save(tmp_path / name)
    content = np.frombuffer((tmp_path / name).read_bytes(), np.uint8).copy()
    content[random.integers(0, len(content), 8)] = random.integers(0, 256, 8)
    (tmp_path / name).write_bytes(content.tobytes())
    try:
        image, _ = read_image(tmp_path / name)
    except BadImage as error:
        assert name in str(error)
    else:
        assert image.mode == "RGBA"


@pytest.mark.parametrize(
    ("size", "sentence"),
    [
        ((8000, 8000), "a.png is truncated or corrupt"),
        ((8000, 8001), "a.png has 8000 x 8001 pixels, more than 64 million"),
        ((16, 16), "a.png is truncated or corrupt"),
        (
            (15, 16),
            "a.png has 15 x 16 pixels, too few to use. Choose an image with at least 16, better 224 on each side.",
        ),
        ((16, 15), "a.png has 16 x 15 pixels, too few"),
    ],
)
def test_the_limits_of_the_size_are_inclusive(tmp_path, size, sentence):
    (tmp_path / "a.png").write_bytes(png_header(*size))
    with pytest.raises(BadImage) as raised:
        read_image(tmp_path / "a.png")
    assert str(raised.value).startswith(sentence)


def test_a_pipe_is_refused_and_not_read(tmp_path):
    os.mkfifo(tmp_path / "a.png")
    with pytest.raises(BadImage, match="^a.png cannot be read: it is not a regular file. Choose another file.$"):
        read_image(tmp_path / "a.png")


def test_a_lack_of_memory_while_opening_is_not_the_files_fault_and_while_reading_it_may_be(tmp_path, monkeypatch):
    def no_memory(*_arguments, **_choices):
        raise MemoryError

    mug().save(tmp_path / "a.png")
    monkeypatch.setattr("PIL.PngImagePlugin.PngImageFile.load", no_memory)
    with pytest.raises(BadImage, match="^a.png needs more memory than is free, or is corrupt. Make it smaller"):
        read_image(tmp_path / "a.png")
    monkeypatch.setattr(Image, "open", no_memory)
    with pytest.raises(MemoryError):
        read_image(tmp_path / "a.png")


def test_every_row_of_sixteen_bit_gray_is_rounded_to_its_upper_bits(tmp_path):
    gray = (np.arange(150, dtype=np.uint16)[:, None] * 257 + np.array([[0] * 8 + [128] * 8 + [129] * 8])).astype(
        np.uint16
    )
    Image.fromarray(gray).save(tmp_path / "a.png")
    found = np.asarray(read_image(tmp_path / "a.png")[0])[..., 0]
    assert (found[:, :16] == np.arange(150)[:, None]).all()
    assert (found[:, 16:] == np.arange(1, 151)[:, None]).all()


def test_an_avif_photo_is_read_and_a_heic_one_is_refused(tmp_path):
    Image.new("RGB", (64, 48), (200, 40, 30)).save(tmp_path / "mug.avif")
    image, notes = read_image(tmp_path / "mug.avif")
    assert (image.mode, image.size, notes) == ("RGBA", (64, 48), ())
    assert image.getpixel((30, 20))[0] > 150
    (tmp_path / "mug.heic").write_bytes(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(100))
    with pytest.raises(BadImage, match=r"mug.heic is not a PNG, JPEG or WebP image"):
        read_image(tmp_path / "mug.heic")


@pytest.mark.parametrize(
    "name", ["mug.gif", "mug.bmp", "mug.tif", "mug.tga", "mug.ico", "mug.ppm", "mug.jp2", "mug.pdf"]
)
def test_other_formats_are_refused_by_the_name_of_the_file_with_what_to_save(tmp_path, name):
    mug().convert("RGB").save(tmp_path / name)
    with pytest.raises(BadImage, match=f"{name} is not a PNG, JPEG or WebP image"):
        read_image(tmp_path / name)


def test_a_drawing_in_svg_is_refused(tmp_path):
    (tmp_path / "mug.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg"><circle r="9" fill="red"/></svg>')
    with pytest.raises(BadImage, match=r"mug.svg is not a PNG, JPEG or WebP image"):
        read_image(tmp_path / "mug.svg")
