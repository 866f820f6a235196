# SPDX-License-Identifier: GPL-3.0-or-later
"""Names of colors, and of regions by their colors. numpy only, no bpy."""

from collections.abc import Sequence

import numpy as np

from ..geometry.srgb import linear_from_srgb
from .color_regions import oklab

SRGB_BYTES = {
    "red": (214, 32, 32), "orange": (242, 128, 20), "yellow": (245, 208, 40), "green": (42, 148, 56),
    "cyan": (40, 190, 200), "blue": (36, 78, 210), "purple": (126, 44, 170), "pink": (244, 130, 178),
    "brown": (112, 66, 34), "black": (30, 30, 32), "white": (240, 240, 236), "gray": (128, 130, 134),
    "wooden": (150, 96, 48), "golden": (222, 172, 38), "silver": (168, 172, 180), "stone": (118, 114, 108),
}  # fmt: skip
"""The colors and materials that the small models were trained with."""
MATERIALS = ("wooden", "golden", "silver", "stone")
MAX_DISTANCE = 0.2
"""Distance in OKLab up to which a region has the color that a prompt names; black and white are 0.8 apart."""


def color_name(color_linear: np.ndarray) -> str:
    """Return the name of the color that is nearest to one, `(3,) float32`."""
    names = [name for name in SRGB_BYTES if name not in MATERIALS]
    return names[int(np.argmin(distances(color_linear[None], names)[0]))]


def distances(colors_linear: np.ndarray, names: Sequence[str]) -> np.ndarray:
    """Return how far colors, `(R, 3) float32`, are from named ones, `(R, N) float32`."""
    named = np.array([SRGB_BYTES[name] for name in names], np.float32) / 255
    apart = oklab(colors_linear)[:, None] - oklab(linear_from_srgb(named))
    lengths: np.ndarray = np.linalg.norm(apart, axis=-1)
    return lengths


def region_names(colors_linear: np.ndarray, by_color: Sequence[tuple[str, str]], main: str) -> list[str]:
    """Return a name for each region, the largest first.

    A region gets the part whose color it has; each part goes to the region that fits best. The largest of the others is
    the object itself, and the rest are named after their colors.

    Args:
        colors_linear: `(R, 3) float32`, a color of each region.
        by_color: Color names and the part of each.
        main: Name of the object, or "".
    """
    names = [""] * len(colors_linear)
    parts = [(color, part) for color, part in by_color if color in SRGB_BYTES]
    if parts and len(colors_linear):
        apart = distances(colors_linear, [color for color, _ in parts])
        for index in np.argsort(apart, axis=None, kind="stable"):
            region, place = np.unravel_index(index, apart.shape)
            if apart[region, place] <= MAX_DISTANCE and not names[region] and parts[place][1] not in names:
                names[region] = parts[place][1]
    if main and main not in names and "" in names:
        names[names.index("")] = main
    return [name or color_name(color) for name, color in zip(names, colors_linear, strict=True)]
