# SPDX-License-Identifier: GPL-3.0-or-later
"""Make flat pictures of other things: silhouettes, outlines, symbols and lettering, and drawings of random shapes.

Run as `python -m scripts.training.images.flat_pictures OUT --pictures FOLDER --font FONT --letters FONT` for pictures
of one color, and with `--drawings 1300` alone for those of several colors.

Flat shapes lack what the catalog's renders have, light and parts, but a tower that has only seen renders names them by
their outline and is sure.
"""

import argparse
import warnings
from pathlib import Path

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont

from .picture_names import names_a_kind

SIDE = 256
SUFFIXES = (".png", ".webp")
MAX_PIXELS = 4_000_000
SYMBOLS = ((0x2600, 0x27BF), (0x1F300, 0x1F9FF), (0x13000, 0x1342F))
"""Ranges of characters that are pictures: symbols and dingbats, emoji, and Egyptian hieroglyphs."""
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789&@?!%"
NO_CHARACTER = "\U000fffff"


def placed(mask, rng):
    """Return a mask (L) with its content scaled to a random size near the center of a square, or None if empty."""
    box = mask.getbbox()
    if box is None:
        return None
    scale = rng.integers(120, 226) / max(box[2] - box[0], box[3] - box[1])
    size = [max(1, round(length * scale)) for length in (box[2] - box[0], box[3] - box[1])]
    square = Image.new("L", (SIDE, SIDE))
    shift = rng.integers(-10, 11, 2)
    place = [(SIDE - length) // 2 + int(moved) for length, moved in zip(size, shift, strict=True)]
    square.paste(mask.crop(box).resize(size, Image.Resampling.LANCZOS), tuple(place))
    return square


def outline(mask, rng):
    """Return the edges of a mask as a line of random width."""
    return mask.filter(ImageFilter.FIND_EDGES).filter(ImageFilter.MaxFilter(int(rng.choice((1, 3, 5)))))


def flat_picture(mask, rng):
    """Return an RGB picture of a mask in one color, mostly dark, on a plain ground, mostly white."""
    kind = rng.random()
    gray = int(rng.integers(0, 26) if kind < 0.45 else rng.integers(30, 121))
    color = (gray,) * 3 if kind < 0.6 else tuple(map(int, rng.integers(10, 236, 3)))
    light = np.clip(rng.integers(150, 256) + rng.normal(0, 8, 3), 0, 255).astype(int)
    picture = Image.new("RGB", mask.size, (255, 255, 255) if rng.random() < 0.7 else tuple(map(int, light)))
    picture.paste(color, (0, 0), mask)
    return picture


def random_drawing(rng):
    """Return an RGB picture of ellipses, rectangles, triangles and lines in flat colors that touch each other."""
    picture = Image.new("RGB", (SIDE, SIDE), (255, 255, 255))
    draw = ImageDraw.Draw(picture)
    middle = np.full(2, SIDE / 2)
    palette = rng.integers(0, 246, (int(rng.integers(1, 4)), 3))
    for _ in range(rng.integers(2, 9)):
        half = rng.uniform(6, 65, 2)
        color = tuple(map(int, palette[rng.integers(len(palette))]))
        (left, top), (right, bottom) = np.clip([middle - half, middle + half], 16, SIDE - 16)
        shape = rng.integers(5)
        if shape < 2:
            draw.ellipse((left, top, right, bottom), fill=color)
        elif shape == 2:
            draw.rounded_rectangle((left, top, right, bottom), rng.integers(12), fill=color)
        elif shape == 3:
            draw.polygon([(rng.uniform(left, right), rng.uniform(top, bottom)) for _ in range(3)], fill=color)
        else:
            draw.line((left, top, right, bottom), fill=color, width=int(rng.integers(3, 16)))
        mirror = np.array([-1 if rng.random() < 0.3 else 1, 1])
        middle = SIDE / 2 + (middle - SIDE / 2) * mirror + rng.uniform(-1, 1, 2) * half
        middle = np.clip(middle, 40, SIDE - 40)
    return picture


def alpha_of(path):
    """Return the alpha channel of a picture file as a mask, or None if it is opaque, huge or unreadable."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(path) as image:
                if image.width * image.height > MAX_PIXELS:
                    return None
                alpha = image.convert("RGBA").getchannel("A")
    except OSError:
        return None
    return alpha if alpha.getextrema()[0] < 10 else None


def glyph(font, text):
    """Return a mask of a text."""
    side = 3 * font.size
    mask = Image.new("L", (side, side))
    ImageDraw.Draw(mask).text((side / 2, side / 2), text, fill=255, font=font, anchor="mm")
    return mask


def symbols_of(path):
    """Yield the masks of the pictures in a font."""
    font = ImageFont.truetype(path, 200)
    missing = glyph(font, NO_CHARACTER)
    for first, last in SYMBOLS:
        for code in range(first, last + 1):
            mask = glyph(font, chr(code))
            if mask.getbbox() and ImageChops.difference(mask, missing).getbbox():
                yield mask


def lettering_of(path, count, rng):
    """Yield masks of random letters in a font."""
    font = ImageFont.truetype(path, 120)
    for _ in range(count):
        yield glyph(font, "".join(rng.choice(list(LETTERS), rng.integers(1, 5))))


def masks(arguments, rng):
    """Yield all masks."""
    files = (path for folder in arguments.pictures for path in folder.rglob("*") if path.suffix in SUFFIXES)
    paths = sorted(path for path in files if not names_a_kind(path))
    for index in rng.permutation(len(paths))[: arguments.limit]:
        alpha = alpha_of(paths[index])
        if alpha is not None:
            yield outline(alpha, rng) if rng.random() < 0.2 else alpha
    for path in arguments.font:
        yield from symbols_of(path)
    for path in arguments.letters:
        yield from lettering_of(path, arguments.count, rng)


def pictures(arguments, rng):
    """Yield all pictures."""
    for mask in masks(arguments, rng):
        square = placed(mask, rng)
        if square is not None:
            yield flat_picture(square, rng)
    for _ in range(arguments.drawings):
        yield random_drawing(rng)


def run(arguments):
    """Write the pictures."""
    rng = np.random.default_rng(arguments.seed)
    arguments.out.mkdir(parents=True, exist_ok=True)
    for index, picture in enumerate(pictures(arguments, rng)):
        picture.save(arguments.out / f"{index:05d}.png")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--pictures", type=Path, action="append", default=[], help="folder of pictures with alpha")
    parser.add_argument("--font", type=Path, action="append", default=[], help="font with symbols")
    parser.add_argument("--letters", type=Path, action="append", default=[], help="font with letters")
    parser.add_argument("--limit", type=int, default=2500, help="pictures")
    parser.add_argument("--count", type=int, default=25, help="texts per font")
    parser.add_argument("--drawings", type=int, default=0, help="drawings of random shapes")
    parser.add_argument("--seed", type=int, default=0)
    run(parser.parse_args())
