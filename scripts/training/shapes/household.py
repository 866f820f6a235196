# SPDX-License-Identifier: GPL-3.0-or-later
"""Shelves, lamps and vessels."""

import numpy as np

from .parts import Category, Part
from .primitives import Box, Ellipsoid, Lathe, cylinder
from .thickness import half_thickness
from .vessels import bottle, bowl, mug, teapot, vase


def _books(rng, half_x, y, bottom, room, half):
    """Two or three books side by side on one board, at its left or right end."""
    width, side = rng.uniform(0.085, 0.11), rng.choice((-1, 1))
    count = min(rng.integers(2, 4), int(2 * half_x / width))
    heights = room * rng.uniform(0.6, 0.88, count)
    return [
        Part(
            Box((width / 2 + 0.004, half, tall / 2 + 0.008)),
            "books",
            (side * (half_x - width * (k + 0.5)), y, bottom + tall / 2 - 0.008),
        )
        for k, tall in enumerate(heights)
    ]


def shelf(rng, proportions):
    """An upright bookcase with two to four compartments, books in most of them, flat or on feet."""
    half_x, half_y = 0.31 * proportions.width * rng.uniform(0.85, 1.15), 0.16 * rng.uniform(0.9, 1.15)
    height = 0.98 * proportions.height * rng.uniform(0.85, 1.0)
    longest = max(height, 2 * half_x)
    half = half_thickness(proportions, 0.075, longest)
    foot, rows = rng.choice((0.0, 0.08)) * longest, int(np.clip(round(height / 0.3), 2, 4))
    step, inner = (height - foot - 2 * half) / rows, half_x - half
    tall, middle = (height - foot) / 2, (height + foot) / 2
    parts = [Part(Box((half, half_y, tall)), "main", (x, 0, middle)) for x in (-inner, inner)]
    parts.append(Part(Box((inner, half, tall - 0.01)), "back", (0, half_y - half - 0.01, middle)))
    levels = foot + half + step * np.arange(rows + 1)
    parts += [Part(Box((inner, half_y - 0.006, half)), "main", (0, 0, z)) for z in levels]
    for z in levels[:-1][rng.random(rows) < 0.85] if rows > 2 else levels[:-1]:
        parts += _books(rng, inner - half + 0.008, -0.02, z + half, step - 2 * half, half_y - 0.05)
    if foot:
        parts += [
            Part(Box((half, half, foot / 2 + 0.01)), "main", (x, y, foot / 2 + 0.01))
            for x in (-inner, inner)
            for y in (half - half_y, half_y - half)
        ]
    return parts


def _shade(rng, radius, half_height, low):
    """A cone stump, a drum or, on a floor lamp, a dome; centered on its origin."""
    style = rng.choice(3, p=(0.7, 0.3, 0.0) if low else (0.5, 0.2, 0.3))
    if style < 2:
        return cylinder(radius, half_height, radius * (rng.uniform(0.45, 0.65) if style == 0 else 0.93))
    angles = np.linspace(0, np.pi / 2, 12)[:-1]
    dome = ((radius * np.cos(a), half_height * (2 * np.sin(a) - 1)) for a in angles)
    return Lathe(((0.0, -half_height), *dome, (0.0, half_height)))


def _lamp_base(rng, proportions, radius, low):
    """A disc, a stepped cone or, on a table lamp, a bulb."""
    half = half_thickness(proportions, 0.09)
    style = rng.integers(3 if low else 2)
    if style == 2:
        return [
            Part(Ellipsoid((0.9 * radius, 0.9 * radius, 0.17)), "base", (0, 0, 0.17 + half)),
            Part(cylinder(0.75 * radius, half), "base", (0, 0, half)),
        ]
    return [Part(cylinder(radius, half, radius * (0.92 if style else 0.6)), "base", (0, 0, half))]


def lamp(rng, proportions):
    """A table lamp or a taller, slimmer floor lamp: base, pole and a shade."""
    low = rng.random() < 0.5
    height = (0.8 if low else 1.0) * proportions.height * rng.uniform(0.92, 1.06)
    radius = (0.33 if low else 0.24) * proportions.width * rng.uniform(0.9, 1.12)
    half_shade = (0.17 if low else 0.15) * proportions.height**0.5 * rng.uniform(0.9, 1.15)
    pole = half_thickness(proportions, 0.092, max(height, 2 * radius))
    parts = [
        Part(_shade(rng, radius, half_shade, low), "main", (0, 0, height - half_shade)),
        Part(cylinder(pole, (height - half_shade) / 2), "pole", (0, 0, (height - half_shade) / 2)),
    ]
    return parts + _lamp_base(rng, proportions, (0.62 if low else 0.75) * radius, low)


HOUSEHOLD = (
    Category(
        "shelf",
        shelf,
        ("bookshelf", "bookcase"),
        {"books": (("books",), ("red", "blue", "green", "yellow", "orange")), "back": (("back", "back panel"), None)},
    ),
    Category(
        "lamp",
        lamp,
        ("table lamp", "floor lamp"),
        {
            "pole": (("pole", "stem"), ("brown", "black", "gray")),
            "base": (("base", "foot"), ("brown", "black", "gray")),
        },
    ),
    Category(
        "mug", mug, ("cup", "coffee mug"), {"handle": (("handle",), None), "inside": (("inside", "interior"), None)}
    ),
    Category(
        "bottle",
        bottle,
        ("flask",),
        {"cap": (("cap", "lid", "top"), ("white", "black", "gray")), "label": (("label",), ("white", "yellow"))},
    ),
    Category("vase", vase, ("urn",), {"rim": (("rim", "lip"), None), "base": (("base", "foot"), None)}),
    Category(
        "teapot",
        teapot,
        ("tea pot",),
        {"lid": (("lid",), None), "handle": (("handle",), None), "spout": (("spout",), None)},
    ),
    Category("bowl", bowl, ("dish",), {"rim": (("rim", "edge"), None), "inside": (("inside", "interior"), None)}),
)
