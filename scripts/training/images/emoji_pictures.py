# SPDX-License-Identifier: GPL-3.0-or-later
"""Write the pictures of a color emoji font as PNG files, each named as Unicode names its character.

Run as `python -m scripts.training.images.emoji_pictures OUT NotoColorEmoji.ttf`; the font is in Debian's package
fonts-noto-color-emoji, and its bitmaps have one size.
"""

import argparse
import unicodedata
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from .flat_pictures import SYMBOLS

BITMAP_SIZE, SIDE = 109, 160
"""Size in points of Noto's bitmaps, and the side of a picture in pixels."""


def emoji(font, character):
    """Return an RGBA picture of a character, or None if the font has none of it."""
    picture = Image.new("RGBA", (SIDE, SIDE))
    draw = ImageDraw.Draw(picture)
    draw.text((SIDE / 2, SIDE / 2), character, font=font, anchor="mm", embedded_color=True)
    return picture if picture.getbbox() else None


def run(arguments):
    """Write the pictures."""
    font = ImageFont.truetype(arguments.font, BITMAP_SIZE)
    arguments.out.mkdir(parents=True, exist_ok=True)
    count = 0
    for code in (code for first, last in SYMBOLS[:2] for code in range(first, last + 1)):
        name, picture = unicodedata.name(chr(code), ""), emoji(font, chr(code))
        if name and picture:
            picture.save(arguments.out / f"{name.lower().replace(' ', '_')}.png")
            count += 1
    print(f"{count} pictures")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("font", type=Path)
    run(parser.parse_args())
