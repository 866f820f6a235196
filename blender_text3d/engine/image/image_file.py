# SPDX-License-Identifier: GPL-3.0-or-later
"""Read an image file as RGBA, or raise an error with the reason and the next step."""

import warnings
from contextlib import suppress
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError, features

FORMATS = ("PNG", "JPEG", "WEBP", *(["AVIF"] if features.check("avif") else []))
"""AVIF is read by Pillow 11.3 and newer if it was built with it."""
MAX_PIXELS = 64_000_000
MIN_SIDE = 16
ROWS_PER_CHUNK = 64


class BadImage(Exception):
    """A file cannot be used as an image; the message has the reason and the next step."""


def read_image(path: Path) -> tuple[Image.Image, tuple[str, ...]]:
    """Read a PNG, JPEG, WebP or AVIF file, upright, with eight bits per channel; of an animation the first frame.

    Returns:
        An RGBA image, and sentences for the user.

    Raises:
        BadImage: The file is missing, of another format, truncated, corrupt, too large or too small.
    """
    image = _open_header(path)
    _check_size(path, *image.size)
    try:
        notes = _notes(path, image)
        image.load()
    except MemoryError as error:  # a corrupt file may request any amount
        raise BadImage(
            f"{path.name} needs more memory than is free, or is corrupt. Make it smaller, or save it again."
        ) from error
    except Exception as error:  # Pillow's readers can raise anything for a corrupt file
        raise BadImage(f"{path.name} is truncated or corrupt ({error}). Save or download it again.") from error
    return _to_rgba(_apply_orientation(image)), notes


def _open_header(path: Path) -> Image.Image:
    """Open a file without reading its pixels."""
    if path.exists() and not path.is_file():
        raise BadImage(f"{path.name} cannot be read: it is not a regular file. Choose another file.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about sizes, which are checked here
            return Image.open(path, formats=FORMATS)
    except FileNotFoundError as error:
        raise BadImage(f"There is no image at {path}. Choose another file.") from error
    except Image.DecompressionBombError as error:
        raise BadImage(f"{path.name} is too large ({error}). Make it smaller.") from error
    except UnidentifiedImageError as error:
        empty = path.stat().st_size == 0
        problem = "is empty" if empty else "is not a PNG, JPEG or WebP image, or is corrupt"
        raise BadImage(f"{path.name} {problem}. Save the image as PNG, JPEG or WebP.") from error
    except MemoryError:  # not the file's fault
        raise
    except Exception as error:  # as above; among them folders and files without read permission
        raise BadImage(f"{path.name} is corrupt or cannot be read ({error}). Choose another file.") from error


def _check_size(path: Path, width: int, height: int) -> None:
    if width * height > MAX_PIXELS:
        raise BadImage(
            f"{path.name} has {width} x {height} pixels, more than {MAX_PIXELS // 1_000_000} million. Make it smaller."
        )
    if min(width, height) < MIN_SIDE:
        raise BadImage(
            f"{path.name} has {width} x {height} pixels, too few to use. "
            f"Choose an image with at least {MIN_SIDE}, better 224 on each side."
        )


def _notes(path: Path, image: Image.Image) -> tuple[str, ...]:
    frames = 1 if image.format == "MPO" else getattr(image, "n_frames", 1)  # MPO: a photo and its thumbnails
    return (f"{path.name} is an animation; the first of its {frames} frames is used.",) if frames > 1 else ()


def _apply_orientation(image: Image.Image) -> Image.Image:
    """Rotate an image by its EXIF orientation, in place, since a copy would double the memory."""
    with suppress(Exception):  # corrupt EXIF data is ignored
        ImageOps.exif_transpose(image, in_place=True)
    return image


def _to_rgba(image: Image.Image) -> Image.Image:
    """Convert any mode to RGBA; 16-bit gray by its upper eight bits, CMYK without color profiles."""
    if image.mode.startswith("I"):
        image = Image.fromarray(_upper_bits(np.asarray(image)))
    if image.mode == "CMYK":
        image = image.convert("RGB")
    return image.convert("RGBA")


def _upper_bits(gray: np.ndarray) -> np.ndarray:
    """`(H, W) int32`, 0 to 65,535 -> `(H, W) uint8`, in chunks of rows, since each needs eight times its memory."""
    bits = np.empty(gray.shape, np.uint8)
    for row in range(0, len(gray), ROWS_PER_CHUNK):
        rows = slice(row, row + ROWS_PER_CHUNK)
        bits[rows] = np.round((gray[rows] / 257).clip(0, 255))
    return bits
