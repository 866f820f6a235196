# SPDX-License-Identifier: GPL-3.0-or-later
"""The color of the small models that is nearest to a named one."""

import math
import re

SWATCHES = {
    "red": ("#e50000", "#8c000f", "#b22222", "#dc143c", "#cd5c5c", "#a52a2a", "#c0392b"),
    "orange": ("#f97306", "#ff8c00", "#ffb07c", "#ff7f50", "#d2601a"),
    "yellow": ("#ffff14", "#fff9a6", "#fdb915", "#f0e68c", "#daa520", "#e1ad01"),
    "green": ("#15b01a", "#032d11", "#6b8e23", "#98fb98", "#4b5d16", "#8fbc8f", "#2e8b57", "#9acd32"),
    "cyan": ("#00ffff", "#029386", "#40e0d0", "#afeeee", "#13eac9"),
    "blue": ("#0343df", "#000080", "#75bbfd", "#4682b4", "#3b5b92", "#a2cffe", "#1d2951"),
    "purple": ("#7e1e9c", "#c79fef", "#380282", "#9370db", "#dda0dd", "#5a4fcf", "#703470"),
    "pink": ("#ff81c0", "#ff028d", "#ffc0cb", "#c9358a", "#ff9a8a", "#e0b0b0"),
    "brown": ("#653700", "#a0522d", "#d2b48c", "#8b5a2b", "#3d1c02", "#b5651d"),
    "black": ("#000000", "#1b1b1b", "#0a0a12"),
    "white": ("#ffffff", "#f5f5f0", "#fffff0", "#f5f5dc"),
    "gray": ("#929591", "#36454f", "#c0c0c0", "#59656d", "#d8dcd6", "#708090"),
}


def lab(color: str) -> tuple[float, float, float]:
    """Return CIE L*a*b* of "#rrggbb" in sRGB. Source: IEC 61966-2-1 and CIE 15, white D65."""
    values = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    r, g, b = (v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in values)
    xyz = (
        (0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.9505,
        0.2126 * r + 0.7152 * g + 0.0722 * b,
        (0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.089,
    )
    x, y, z = (math.cbrt(t) if t > 216 / 24389 else (24389 / 27 * t + 16) / 116 for t in xyz)
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def nearest_color(color: str) -> str:
    """Return the word whose swatch is nearest."""
    target = lab(color)
    pairs = [(math.dist(target, lab(swatch)), word) for word, swatches in SWATCHES.items() for swatch in swatches]
    return min(pairs)[1]


def color_in_gloss(gloss: str) -> str | None:
    """Return the last color word of a definition, or None."""
    words = [word.replace("grey", "gray") for word in re.findall(r"[a-z]+", gloss.lower())]
    stems = [word.removesuffix("ish") for word in words]
    stems = [{"redd": "red", "purpl": "purple"}.get(stem, stem) for stem in stems]
    return next((word for word in reversed(stems) if word in SWATCHES), None)
