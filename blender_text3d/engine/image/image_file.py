# SPDX-License-Identifier: GPL-3.0-or-later
"""An image file becomes one picture of red, green, blue and alpha, or a sentence on why it cannot."""

import warnings
from contextlib import suppress
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

FORMATS = ("PNG", "JPEG", "WEBP")
MAX_PIXELS = 64_000_000
MIN_SIDE = 16
ROWS_AT_ONCE = 64


class BadImage(Exception):
    """A file that cannot be used as a picture; the text says why and what to do."""


def read_picture(path: Path) -> tuple[Image.Image, tuple[str, ...]]:
    """The picture in a PNG, JPEG or WebP file, upright, eight bits a channel; of an animation the first.

    Returns:
        An RGBA image, and sentences for the user.

    Raises:
        BadImage: The file is missing, is no such image, is cut short or damaged, too large or too small.
    """
    image = _opened(path)
    _check_size(path, *image.size)
    try:
        notes = _notes(path, image)
        image.load()
    except MemoryError as error:  # a damaged file may ask for any amount
        raise BadImage(
            f"{path.name} finds too little memory, or is damaged. Make it smaller, or save it again."
        ) from error
    except Exception as error:  # Pillow's readers raise whatever a damaged file makes of them
        raise BadImage(f"{path.name} is cut short or damaged ({error}). Save or download it again.") from error
    return _rgba(_upright(image)), notes


def _opened(path: Path) -> Image.Image:
    """The file's header read; its pixels not yet."""
    if path.exists() and not path.is_file():
        raise BadImage(f"{path.name} cannot be read: it is no plain file. Choose another file.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of sizes, which are checked here
            return Image.open(path, formats=FORMATS)
    except FileNotFoundError as error:
        raise BadImage(f"There is no image at {path}. Choose another file.") from error
    except Image.DecompressionBombError as error:
        raise BadImage(f"{path.name} is too large ({error}). Make it smaller.") from error
    except UnidentifiedImageError as error:
        empty = path.stat().st_size == 0
        what = "is empty" if empty else "is no PNG, JPEG or WebP image, or a damaged one"
        raise BadImage(f"{path.name} {what}. Save the picture as PNG, JPEG or WebP.") from error
    except MemoryError:  # not the file's fault
        raise
    except Exception as error:  # as above; a folder and a file that may not be read are among them
        raise BadImage(f"{path.name} is damaged or cannot be read ({error}). Choose another file.") from error


def _check_size(path: Path, width: int, height: int) -> None:
    if width * height > MAX_PIXELS:
        raise BadImage(
            f"{path.name} has {width} x {height} pixels, more than {MAX_PIXELS // 1_000_000} million. Make it smaller."
        )
    if min(width, height) < MIN_SIDE:
        raise BadImage(
            f"{path.name} has {width} x {height} pixels, too few to show anything. "
            f"Each side needs {MIN_SIDE}, better 224."
        )


def _notes(path: Path, image: Image.Image) -> tuple[str, ...]:
    frames = 1 if image.format == "MPO" else getattr(image, "n_frames", 1)  # MPO: a photo and its thumbnails
    return (f"{path.name} is an animation; the first of its {frames} pictures is used.",) if frames > 1 else ()


def _upright(image: Image.Image) -> Image.Image:
    """Turned as the camera noted it was held; in its place, since a copy would take as much memory again."""
    with suppress(Exception):  # a damaged note is as good as none
        ImageOps.exif_transpose(image, in_place=True)
    return image


def _rgba(image: Image.Image) -> Image.Image:
    """Any mode to RGBA; 16-bit grey by its upper eight bits, inks by the plain formula, without profiles."""
    if image.mode.startswith("I"):
        image = Image.fromarray(_upper_bits(np.asarray(image)))
    if image.mode == "CMYK":
        image = image.convert("RGB")
    return image.convert("RGBA")


def _upper_bits(grey: np.ndarray) -> np.ndarray:
    """[H, W], 0 to 65,535 -> [H, W] uint8; some rows at a time, since they need eight times their memory."""
    bits = np.empty(grey.shape, np.uint8)
    for row in range(0, len(grey), ROWS_AT_ONCE):
        rows = slice(row, row + ROWS_AT_ONCE)
        bits[rows] = np.round((grey[rows] / 257).clip(0, 255))
    return bits
