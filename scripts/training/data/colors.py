# SPDX-License-Identifier: GPL-3.0-or-later
"""The colors of the catalog: twelve classes, and materials that are tints of them. sRGB 0..255."""

COLORS = {
    "red": (214, 32, 32),
    "orange": (242, 128, 20),
    "yellow": (245, 208, 40),
    "green": (42, 148, 56),
    "cyan": (40, 190, 200),
    "blue": (36, 78, 210),
    "purple": (126, 44, 170),
    "pink": (244, 130, 178),
    "brown": (112, 66, 34),
    "black": (30, 30, 32),
    "white": (240, 240, 236),
    "gray": (128, 130, 134),
}

MATERIALS = {
    "wooden": ("brown", (150, 96, 48)),
    "golden": ("yellow", (222, 172, 38)),
    "silver": ("gray", (168, 172, 180)),
    "stone": ("gray", (118, 114, 108)),
}
"""Material -> color class and sRGB value."""


def tint(word):
    """Return (r, g, b) 0..255 of a color or material word."""
    return COLORS[word] if word in COLORS else MATERIALS[word][1]


def color_class(word):
    """Return the color class of a color or material word."""
    return word if word in COLORS else MATERIALS[word][0]
