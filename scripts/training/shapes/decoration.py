# SPDX-License-Identifier: GPL-3.0-or-later
"""Clocks that face the front, and candles."""

import numpy as np

from .parts import Category, Part, rotation
from .placing import arc, around, ball, box, chain, lathe_curve, rod, sheet, taper
from .primitives import Lathe, Torus, cylinder

FRONT = rotation("x", 90)


def _dial(rng, at, radius, square=False):
    """A clock's face with its hands and perhaps hour marks, towards -y from `at`."""
    x, y, z = at
    face = box("face", at, (radius, 0.03, radius)) if square else Part(cylinder(radius, 0.03), "face", at, FRONT)
    parts, front = [face], y - 0.04
    for angle, reach, thick in ((rng.uniform(0, 360), 0.52, 0.036), (rng.uniform(0, 360), 0.76, 0.03)):
        turn = np.radians(angle)
        tip = (x + reach * radius * np.sin(turn), front, z + reach * radius * np.cos(turn))
        parts.append(rod("hands", (x, front, z), tip, max(thick * radius / 0.3, 0.026)))
    parts.append(ball("hands", (x, front, z), max(0.055 * radius / 0.3, 0.04)))
    if rng.random() < 0.6:
        for angle in range(0, 360, 90):
            place = rotation("y", angle) @ (0, 0, 0.84 * radius)
            parts.append(
                box("hands", np.add(place, (x, front + 0.005, z)), (0.026, 0.026, 0.036), 0, rotation("y", angle))
            )
    return parts


def _wall_clock(rng, w, h, t):
    radius, thick = 0.46, max(0.08 * t, 0.06)
    rim = ((radius - thick, -0.08), (radius, -0.05), (radius, 0.08), (radius - thick, 0.08))
    body = [
        Part(Lathe(rim), "main", (0, 0, radius), FRONT),
        Part(cylinder(radius - 0.03, 0.045), "main", (0, 0.03, radius), FRONT),
    ]
    return body + _dial(rng, (0, -0.01, radius), radius - thick + 0.01)


def _alarm_clock(rng, w, h, t):
    radius, deep = 0.32 * w**0.5, 0.14
    z = radius + 0.1 * h
    parts = [Part(cylinder(radius, deep), "main", (0, 0, z), FRONT), *_dial(rng, (0, -deep, z), 0.84 * radius)]
    for s in (-1, 1):
        lean = np.array((np.sin(np.radians(38)) * s, 0, np.cos(np.radians(38))))
        at = np.array((0, 0, z)) + lean * (radius + 0.1 * h)
        parts.append(ball("bells", at, 0.15, 0.15, 0.09, rotation("y", 38 * s)))
        parts.append(rod("main", (0, 0, z), at, 0.03))
        parts.append(taper("legs", (0.5 * s * radius, 0, z - 0.8 * radius), (0.8 * s * radius, 0, 0.035), 0.05, 0.035))
    grip = arc(0.12, 0, 180, 7, (0, z + radius + 0.08 * h))
    return parts + chain("bells", [(x, 0, zz) for x, zz in grip], 0.03)


def _long_case_clock(rng, w, h, t):
    half, deep = 0.12 * w * rng.uniform(0.95, 1.1), 0.1
    parts = [
        box("main", (0, 0, 0.11 * h), (1.35 * half, 1.15 * deep, 0.11 * h), 0.01),
        box("main", (0, 0, 0.45 * h), (half, 0.9 * deep, 0.3 * h), 0.01),
        box("main", (0, 0, 0.8 * h), (1.35 * half, 1.1 * deep, 1.35 * half), 0.01),
        box("door", (0, -0.9 * deep, 0.43 * h), (0.62 * half, 0.03, 0.17 * h)),
        rod("bells", (0, -0.9 * deep - 0.03, 0.5 * h), (0, -0.9 * deep - 0.03, 0.38 * h), 0.026),
        ball("bells", (0, -0.9 * deep - 0.03, 0.35 * h), 0.058, 0.035, 0.058),
    ]
    crest = arc(1.35 * half, 0, 180, 11, flat=0.5)
    parts.append(sheet("main", crest, 1.0 * deep, (0, 0, 0.8 * h + 1.33 * half)))
    return parts + _dial(rng, (0, -1.1 * deep, 0.8 * h), 1.1 * half)


def _mantel_clock(rng, w, h, t):
    radius = 0.23 * h**0.5
    half, z = 0.42 * w, radius + 0.1
    arch = [(-half, 0.0), (half, 0.0), (half, 0.07), *arc(radius * 1.2, 12, 168, 13, (0, z - 0.03)), (-half, 0.07)]
    return [
        sheet("main", arch, 0.13, (0, 0, 0.06)),
        box("base", (0, 0, 0.04), (half + 0.03, 0.16, 0.04), 0.01),
        *_dial(rng, (0, -0.13, z + 0.05), radius),
    ]


def clock(rng, proportions):
    """A round wall clock, an alarm clock with bells, a tall case clock or a clock for the mantelpiece."""
    kind = (_wall_clock, _alarm_clock, _long_case_clock, _mantel_clock)[rng.choice(4, p=(0.3, 0.35, 0.15, 0.2))]
    return kind(rng, proportions.width, proportions.height, proportions.thick)


def _wax(x, y, low, tall, radius):
    """A candle with a flame."""
    drop = ((0, 0), (0.5, 0.12), (0.62, 0.3), (0.42, 0.62), (0.12, 0.95), (0, 1.0))
    flame = [(0.13 * r, 0.23 * z) for r, z in drop]
    return [
        Part(cylinder(radius, tall / 2), "main", (x, y, low + tall / 2)),
        rod("wick", (x, y, low + tall), (x, y, low + tall + 0.05), 0.03),
        lathe_curve("flame", flame, (x, y, low + tall + 0.03)),
    ]


def _drips(rng, radius, top, tall):
    return [
        taper("main", (x, y, top - 0.02), (x, y, top - tall * rng.uniform(0.15, 0.5)), 0.045, 0.05)
        for _, (x, y, _z) in around(rng.integers(3, 6), radius - 0.012, top, rng.uniform(0, 90))
    ]


def candle(rng, proportions):
    """A thick candle with wax that ran down, one on a dish with a ring, or one to three on a stand."""
    w, h, t = proportions.width, proportions.height, proportions.thick
    kind, tall = rng.integers(3), 0.5 * h * rng.uniform(0.85, 1.15)
    radius = 0.075 * max(t, 0.85) * w**0.5
    if kind == 0:
        radius = 0.19 * w * rng.uniform(0.9, 1.15)
        return _wax(0, 0, 0, tall, radius) + (_drips(rng, radius, tall, tall) if rng.random() < 0.7 else [])
    if kind == 1:
        wide = 0.3 * w
        dish = ((0, 0), (0.8 * wide, 0), (wide, 0.1), (wide - 0.06, 0.1), (0.7 * wide, 0.055), (0, 0.055))
        parts = [Part(Lathe(dish), "holder"), Part(cylinder(radius + 0.045, 0.07), "holder", (0, 0, 0.07))]
        parts.append(Part(Torus(0.09, 0.035), "holder", (wide + 0.06, 0, 0.09), FRONT))
        return (
            parts
            + _wax(0, 0, 0.12, 0.75 * tall, 1.2 * radius)
            + _drips(rng, 1.2 * radius, 0.12 + 0.75 * tall, 0.6 * tall)
        )
    stem, arms = 0.38 * h * rng.uniform(0.85, 1.15), rng.choice([0, 0, 2])
    foot = ((0, 0), (0.17, 0.0), (0.15, 0.045), (0.05, 0.09), (0.045, 0.5 * stem), (0.075, 0.6 * stem))
    cup = ((0.045, 0.7 * stem), (0.05, stem), (0.11, stem + 0.03), (0.1, stem + 0.06), (0, stem + 0.06))
    parts = [Part(Lathe((*foot, *cup)), "holder"), *_wax(0, 0, stem + 0.05, (0.64 if arms else 0.8) * tall, radius)]
    for side in (-1, 1)[:arms]:
        x = 0.26 * w * side
        low = 0.78 * stem
        parts += chain(
            "holder", [(0, 0, 0.6 * stem), (0.6 * x, 0, 0.5 * stem), (x, 0, 0.65 * stem), (x, 0, low)], 0.034
        )
        parts.append(Part(cylinder(0.07, 0.035, 0.1), "holder", (x, 0, low + 0.02)))
        parts += _wax(x, 0, low + 0.04, 0.55 * tall, radius)
    return parts


DECORATION = (
    Category(
        "clock",
        clock,
        (),
        {
            "face": (("face", "dial"), ("white",)),
            "hands": (("hands", "pointers"), ("black",)),
            "bells": (("bells", "bell"), ("golden", "silver")),
            "legs": (("legs", "feet"), None),
            "base": (("base",), None),
            "door": (("door",), None),
        },
    ),
    Category(
        "candle",
        candle,
        (),
        {
            "flame": (("flame", "fire"), ("orange", "yellow")),
            "holder": (("holder", "candlestick", "stand"), ("golden", "silver", "brown")),
            "wick": (("wick",), ("black",)),
        },
    ),
)
