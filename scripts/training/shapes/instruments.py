# SPDX-License-Identifier: GPL-3.0-or-later
"""Guitars, pianos and drums that face the front."""

import numpy as np

from .parts import Category, Part, rotation
from .placing import FLAT, around, ball, both_sides, box, curve, rod, sheet
from .primitives import cylinder

FRONT = rotation("x", 90)


def _mirrored(points):
    """Return a closed outline from its right side, bottom to top."""
    right = np.asarray(points)
    return [*right, *(right[::-1] * (-1, 1))]


def _acoustic(w):
    """The outline of a round body with a waist, and the sound hole's height."""
    side = curve(
        [(0.0, 0.0), (0.2, 0.03), (0.235, 0.14), (0.19, 0.24), (0.155, 0.3), (0.18, 0.38), (0.14, 0.45), (0.04, 0.46)],
        4,
    )
    return _mirrored(side * (w, 1)), 0.29


def _electric(w):
    """The outline of a body with two horns, and no hole."""
    right = curve(
        [(0.0, 0.0), (0.18, 0.02), (0.22, 0.13), (0.16, 0.24), (0.21, 0.36), (0.16, 0.42), (0.1, 0.35), (0.045, 0.31)],
        4,
    )
    left = curve(
        [(0.0, 0.0), (0.18, 0.02), (0.22, 0.13), (0.16, 0.24), (0.23, 0.4), (0.17, 0.47), (0.1, 0.36), (0.045, 0.31)], 4
    )
    return [*(right * (w, 1)), *(left[::-1] * (-w, 1))], None


def guitar(rng, proportions):
    """A guitar upright: acoustic with a sound hole, or electric with horns and pickups; neck, head and pegs."""
    w, h = proportions.width * rng.uniform(0.9, 1.2), proportions.height * rng.uniform(0.85, 1.1)
    half = rng.uniform(0.05, 0.075) * max(proportions.thick, 0.9)
    outline, hole = (_acoustic if rng.random() < 0.6 else _electric)(w)
    if hole is None:
        half *= 0.8
    wide, top = 0.034 * max(proportions.thick, 1.0), 0.66 * h + 0.12
    parts = [sheet("main", np.multiply(outline, (1, 1.0)), half, rounding=0.012)]
    front = -half
    low = 0.36 if hole else 0.26
    parts.append(box("neck", (0, front + 0.005, (low + top) / 2), (wide, 0.036, (top - low) / 2)))
    head = [(-wide, 0), (wide, 0), (1.7 * wide, 0.04), (1.5 * wide, 0.15), (-1.5 * wide, 0.15), (-1.7 * wide, 0.04)]
    parts.append(sheet("head", head, 0.038, (0, front + 0.005, top - 0.01)))
    for z in (0.05, 0.11):
        parts += both_sides(
            lambda s, z=z: rod("pegs", (s * wide, front, top + z), (s * (1.7 * wide + 0.045), front, top + z), 0.026)
        )
    if hole:
        parts.append(Part(cylinder(0.075 * w**0.5, 0.018), "hole", (0, front, hole), FRONT))
        parts.append(box("bridge", (0, front - 0.01, 0.13), (0.085 * w, 0.026, 0.026), 0.006))
    else:
        parts += [box("bridge", (0, front - 0.01, z), (0.075 * w, 0.026, 0.028), 0.006) for z in (0.12, 0.19, 0.26)]
        parts += [ball("pegs", (0.13 * w, front, z), 0.028) for z in (0.08, 0.14)]
    return parts


def _keyboard(x, y, z, deep, count):
    """White keys in a row with black ones between, from y towards the player."""
    step = 2 * x / count
    parts = [box("keys", (0, y - deep / 2, z), (x, deep / 2, 0.03))]
    for index in range(1, count):
        if index % 7 not in (3, 0):
            parts.append(
                box("sharps", (index * step - x, y - 0.3 * deep, z + 0.03), (max(0.3 * step, 0.022), 0.3 * deep, 0.022))
            )
    return parts


def _upright_piano(rng, w, h, t):
    x, y, tall = 0.47 * w, 0.17, 0.72 * h * rng.uniform(0.92, 1.1)
    z, leg = 0.4 * tall + 0.06, max(0.036 * t, 0.034)
    parts = [
        box("main", (0, y / 2, tall / 2), (x, y / 2 + 0.03, tall / 2), 0.008),
        box("lid", (0, y / 2 - 0.02, tall), (x + 0.025, y / 2 + 0.06, 0.03), 0.008),
        box("main", (0, -0.14, z - 0.06), (x, 0.14, 0.036), 0.006),
        *_keyboard(x - 0.07, -0.02, z, 0.24, 14),
    ]
    for s in (-1, 1):
        parts.append(box("main", (s * (x - 0.035), -0.13, z), (0.035, 0.15, 0.06), 0.01))
        parts.append(box("legs", (s * (x - 0.06), -0.23, z / 2 - 0.04), (leg, leg, z / 2 - 0.03), 0.006))
    if rng.random() < 0.6:
        parts.append(box("stand", (0, -0.07, tall - 0.17), (0.3 * x, 0.026, 0.1), 0.006, rotation("x", -14)))
    return parts


def _grand_piano(rng, w, h, t):
    x, z = 0.42 * w, 0.36 * h
    bend = curve([(x, 0.1), (0.92 * x, 0.3), (0.35 * x, 0.42), (0.15 * x, 0.66), (-0.35 * x, 0.76), (-x, 0.66)], 4)
    outline = [(-x, -0.2), (x, -0.2), *bend]
    parts = [sheet("main", outline, 0.09, (0, 0, z + 0.05), FLAT)]
    parts += [box("main", (0, -0.26, z), (x, 0.1, 0.042)), *_keyboard(x - 0.06, -0.17, z + 0.06, 0.18, 14)]
    parts += both_sides(lambda s: box("main", (s * (x - 0.03), -0.26, z + 0.06), (0.034, 0.1, 0.06), 0.01))
    lean = rng.uniform(35, 55)
    turn = rotation("y", -lean) @ FLAT
    lid = [(px + x, py) for px, py in outline]
    parts.append(sheet("lid", lid, 0.03, (-x, 0, z + 0.15), turn))
    prop = np.array((0.5 * x, 0.22, z + 0.12))
    reach = 1.5 * x
    parts.append(
        rod(
            "stand",
            prop,
            (-x + reach * np.cos(np.radians(lean)), 0.22, z + 0.15 + reach * np.sin(np.radians(lean))),
            0.026,
        )
    )
    for at in ((-0.82 * x, -0.15), (0.82 * x, -0.15), (-0.4 * x, 0.58)):
        parts.append(
            Part(
                cylinder(0.8 * max(0.036 * t, 0.034), z / 2 + 0.01, 1.25 * max(0.036 * t, 0.034)), "legs", (*at, z / 2)
            )
        )
    return parts


def piano(rng, proportions):
    """An upright piano, with or without a music stand, or a grand piano with its lid up."""
    kind = _upright_piano if rng.random() < 0.55 else _grand_piano
    return kind(rng, proportions.width, proportions.height, proportions.thick)


def drum(rng, proportions):
    """A drum: low or tall, straight or like a goblet, with hoops, cords or lugs, some with sticks."""
    radius, tall = 0.38 * proportions.width * rng.uniform(0.95, 1.05), 0.5 * proportions.height * rng.uniform(0.75, 1.2)
    foot = radius * rng.choice([1.0, 1.0, 0.75])
    wide = 0.045 * max(proportions.thick, 0.9)
    parts = [Part(cylinder(foot, tall / 2, radius), "main", (0, 0, tall / 2))]
    parts.append(Part(cylinder(foot + 0.025, wide), "hoops", (0, 0, wide)))
    parts.append(Part(cylinder(radius + 0.025, wide), "hoops", (0, 0, tall - wide)))
    parts.append(Part(cylinder(radius - 0.02, 0.03), "skin", (0, 0, tall)))
    count = rng.choice([6, 8])
    low, high = (
        list(around(count, r + 0.012, z, start))
        for r, z, start in ((foot, 2 * wide, 0), (radius, tall - 2 * wide, 180 / count))
    )
    if rng.random() < 0.6:
        for index in range(count):
            parts.append(rod("cords", low[index][1], high[index][1], 0.026))
            parts.append(rod("cords", high[index][1], low[(index + 1) % count][1], 0.026))
    else:
        for _, (x, y, _z) in around(count, (foot + radius) / 2 + 0.01, 0):
            parts.append(
                rod("cords", (x * foot / radius, y * foot / radius, 1.5 * wide), (x, y, tall - 1.5 * wide), 0.028)
            )
    if rng.random() < 0.6:
        for s in (-1, 1):
            start = np.array((0.85 * s * radius, -0.62 * radius, tall + 0.06))
            end = np.array((-0.25 * s * radius, 0.42 * radius, tall + 0.06 + 0.026 * (s + 1)))
            parts += [rod("sticks", start, end, 0.03), ball("sticks", end, 0.048)]
    return parts


_KEYS = (("keys", "keyboard"), ("white",))

INSTRUMENTS = (
    Category(
        "guitar",
        guitar,
        (),
        {
            "neck": (("neck",), ("brown", "black")),
            "head": (("head", "headstock"), ("brown", "black")),
            "hole": (("hole", "sound hole"), ("black",)),
            "bridge": (("bridge", "pickups"), ("black", "brown", "silver")),
            "pegs": (("pegs", "tuners"), ("silver", "golden", "white")),
        },
    ),
    Category(
        "piano",
        piano,
        (),
        {
            "keys": _KEYS,
            "sharps": (("sharps",), ("black",)),
            "lid": (("lid",), None),
            "legs": (("legs",), None),
            "stand": (("music stand",), None),
        },
    ),
    Category(
        "drum",
        drum,
        (),
        {
            "skin": (("skin", "drumhead"), ("white",)),
            "hoops": (("hoops", "rims"), ("golden", "silver", "white")),
            "cords": (("cords", "ropes"), ("white", "golden")),
            "sticks": (("sticks", "drumsticks"), ("brown", "white")),
        },
    ),
)
