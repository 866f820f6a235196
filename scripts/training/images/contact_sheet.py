# SPDX-License-Identifier: GPL-3.0-or-later
"""A contact sheet of captioned images."""

import numpy as np
from PIL import Image, ImageDraw, ImageFont

PAPER, INK = (255, 255, 255), (45, 48, 54)
GAP = 8


def contact_sheet(entries: list[tuple[str, Image.Image | np.ndarray]], columns: int = 6) -> Image.Image:
    """Arrange images in rows with captions below.

    Args:
        entries: (caption, image); images are RGB images or (H, W, 3) uint8 arrays of one size.
        columns: images in a row.

    Returns:
        RGB image. A long caption takes two lines and ends in "…" if it is longer still.

    Raises:
        ValueError: for no entries.
    """
    if not entries:
        raise ValueError("A contact sheet needs at least one picture.")
    images = [image if isinstance(image, Image.Image) else Image.fromarray(image) for _, image in entries]
    width, height = images[0].size
    font = ImageFont.load_default(max(12, round(width / 17)))
    line_height = round(font.size * 1.3)
    cell_width, cell_height = width + GAP, height + 2 * line_height + GAP
    columns = min(columns, len(entries))
    rows = -(-len(entries) // columns)
    sheet = Image.new("RGB", (columns * cell_width + GAP, rows * cell_height + GAP), PAPER)
    draw = ImageDraw.Draw(sheet)
    for index, ((caption, _), image) in enumerate(zip(entries, images, strict=True)):
        left, top = GAP + index % columns * cell_width, GAP + index // columns * cell_height
        sheet.paste(image, (left, top))
        for number, line in enumerate(caption_lines(caption, font, width)):
            draw.text((left + width / 2, top + height + number * line_height), line, INK, font, anchor="ma")
    return sheet


def caption_lines(caption: str, font: ImageFont.FreeTypeFont, width: int) -> list[str]:
    """Wrap a caption to at most two lines of a width in pixels."""
    lines, words = [""], caption.split()
    for word in words:
        longer = f"{lines[-1]} {word}".strip()
        if font.getlength(longer) <= width or not lines[-1]:
            lines[-1] = longer
        else:
            lines.append(word)
    shown = lines[:2] if len(lines) <= 2 else [lines[0], lines[1] + " …"]
    return [_cut(line, font, width) for line in shown]


def _cut(line: str, font: ImageFont.FreeTypeFont, width: int) -> str:
    while font.getlength(line) > width and len(line) > 2:
        line = line[:-2].rstrip() + "…"
    return line
