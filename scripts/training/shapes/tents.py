# SPDX-License-Identifier: GPL-3.0-or-later
"""Tents with their door to the front."""

import numpy as np

from .faceted import Faceted
from .parts import Category, Part, rotation
from .placing import around, ball, box, rod, sheet


def _ridge_tent(rng, w, h, t):
    """A tent with a ridge, its flaps open, with a pole and guy ropes."""
    half, deep, tall = 0.38 * w, 0.4, 0.56 * h * rng.uniform(0.92, 1.08)
    wall = 0.035
    outer = [
        (-half, 0),
        (-half + 2.2 * wall, 0),
        (0, tall - 2.2 * wall * tall / half),
        (half - 2.2 * wall, 0),
        (half, 0),
        (0, tall),
    ]
    parts = [sheet("main", outer, deep), box("floor", (0, 0, 0.028), (half - 0.02, deep - 0.01, 0.028))]
    parts.append(sheet("main", [(-half, 0), (half, 0), (0, tall)], 0.03, (0, deep - 0.03, 0)))
    spread = rng.uniform(0.25, 0.5)
    for s in (-1, 1):
        flap = [(s * half, 0), (s * spread * half, 0.0), (s * 0.02, tall - 0.03)]
        parts.append(sheet("flaps", flap, 0.03, (0, -deep + 0.01, 0)))
    for y in (-deep - 0.01, deep + 0.01):
        parts.append(rod("poles", (0, y, 0.03), (0, y, tall + 0.07), 0.03))
    return parts


def _tipi(rng, w, h, t):
    """A cone of cloth with poles that cross above it and a door."""
    wide, tall, sides = 0.4 * w, 0.8 * h, rng.choice([8, 10, 12])
    parts = [Part(Faceted(sides, ((wide, 0.0), (0.07, tall))), "main", turn=rotation("z", 180 / sides))]
    for angle in (20, 95, 170, 245, 320):
        out = rotation("z", angle)
        parts.append(rod("poles", out @ (0.12, 0, 0.82 * tall), out @ (-0.14, 0, tall + 0.16), 0.03))
    lean = np.degrees(np.arctan2(wide * np.cos(np.pi / sides) - 0.07, tall))
    door = [(-0.13, 0.0), (0.13, 0.0), (0.0, 0.42 * h)]
    parts.append(sheet("flaps", door, 0.034, (0, -wide * np.cos(np.pi / sides) + 0.01, 0), rotation("x", -lean)))
    for share in (0.22, 0.62)[: rng.integers(0, 3)]:
        radius = wide + (0.07 - wide) * share
        parts.append(
            Part(
                Faceted(sides, ((radius + 0.028, share * tall - 0.04), (radius + 0.006, share * tall + 0.05))),
                "stripes",
                turn=rotation("z", 180 / sides),
            )
        )
    return parts


def _marquee(rng, w, h, t):
    """A round striped tent with a pointed roof, a valance and a flag."""
    wide, wall, rise = 0.38 * w, 0.34 * h, 0.3 * h
    sides = 12
    parts = [
        Part(Faceted(sides, ((wide, 0.0), (wide, wall))), "main"),
        Part(Faceted(sides, ((wide + 0.05, 0.0), (0.02, rise))), "roof", (0, 0, wall - 0.01)),
    ]
    for angle, place in around(sides, wide * np.cos(np.pi / sides), wall / 2, 180 / sides):
        if round((angle - 180 / sides) / 30) % 2 == 0 and not 240 < angle < 300:
            parts.append(box("stripes", place, (0.026, 0.245 * wide, wall / 2 - 0.01), 0, rotation("z", angle)))
    parts += [ball("stripes", place, 0.05, 0.05, 0.06) for _, place in around(sides, wide + 0.02, wall - 0.01)]
    parts.append(sheet("flaps", [(-0.1, 0), (0.1, 0), (0, 0.85 * wall)], 0.04, (0, -wide + 0.01, 0)))
    top = wall + rise
    parts += [
        rod("poles", (0, 0, top - 0.08), (0, 0, top + 0.14), 0.027),
        sheet("flag", [(0, 0), (0.17, 0.05), (0, 0.1)], 0.026, (0, 0, top + 0.05)),
    ]
    return parts


def tent(rng, proportions):
    """A tent: with a ridge and open flaps, a tipi with crossing poles, or a round one with stripes and a flag."""
    kind = (_ridge_tent, _tipi, _marquee)[rng.choice(3, p=(0.45, 0.3, 0.25))]
    return kind(rng, proportions.width, proportions.height, proportions.thick)


TENTS = (
    Category(
        "tent",
        tent,
        (),
        {
            "flaps": (("flaps", "door"), ("white", "brown")),
            "poles": (("poles",), ("brown", "gray")),
            "floor": (("floor",), ("brown", "black")),
            "stripes": (("stripes",), ("white", "yellow")),
            "roof": (("roof",), None),
            "flag": (("flag",), ("red", "yellow")),
        },
    ),
)
