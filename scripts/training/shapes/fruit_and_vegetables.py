# SPDX-License-Identifier: GPL-3.0-or-later
"""Bananas, pears, carrots, pumpkins and eggs."""

import numpy as np

from .parts import Category, Part, rotation
from .placing import arc, around, ball, blend, chain, curve, lathe_curve, rod, sheet, taper
from .primitives import Lathe, Torus


def _leaf(role, at, turn_deg, length, lean=35):
    """A pointed leaf that rises from `at`."""
    outline = [
        *curve([(0, 0), (0.22 * length, 0.45 * length), (0, length)], 4),
        *curve([(0, length), (-0.22 * length, 0.45 * length), (0, 0)], 4)[1:-1],
    ]
    return sheet(role, outline, 0.03, at, rotation("z", turn_deg) @ rotation("x", -lean), 0.008)


def _bend(rng, w, h):
    """The middle line and the radii of a banana that stands on its belly."""
    sweep, radius = rng.uniform(100, 140), 0.48 * w
    line = arc(radius, 270 - sweep / 2, 270 + sweep / 2, 11, (0, radius), h)
    thick = 0.115 * np.array((0.5, 0.75, 0.92, 1.0, 1.04, 1.05, 1.0, 0.94, 0.85, 0.66, 0.42))
    return np.column_stack([line[:, 0], np.zeros(11), line[:, 1]]), thick


def banana(rng, proportions):
    """A banana, alone or two on one stem, or half peeled with flesh and strips of peel."""
    line, thick = _bend(rng, proportions.width, proportions.height)
    thick = thick * max(proportions.thick, 0.85) * rng.uniform(0.95, 1.1)
    kind = rng.choice(["one", "bunch", "peeled"], p=(0.5, 0.25, 0.25))
    stem = [line[-1], line[-1] + 0.75 * (line[-1] - line[-2])]
    parts = [rod("tips", line[0] + 0.25 * (line[0] - line[1]), line[0], 0.045), *chain("tips", stem, (0.046, 0.04))]
    if kind == "one":
        return [blend("main", chain("main", line, thick), 0.02), *parts]
    if kind == "bunch":
        for turn in (-14, 14):
            spin = rotation("z", turn)
            moved = (line - line[-1]) @ spin.T + line[-1]
            parts += [
                blend("main", chain("main", moved, thick), 0.02),
                rod("tips", moved[0] - 0.25 * (moved[1] - moved[0]), moved[0], 0.045),
            ]
        return parts[1:]
    cut = 5
    parts = [
        blend("flesh", chain("flesh", line[: cut + 1], 0.88 * thick[: cut + 1]), 0.02),
        *chain("tips", stem, (0.046, 0.04)),
    ]
    parts.append(blend("main", chain("main", line[cut - 1 :], thick[cut - 1 :] * 1.06), 0.02))
    root, along = line[cut], line[cut] - line[cut - 1]
    along /= np.linalg.norm(along)
    for angle in (30, 150, 270):
        out = rotation("x", angle) @ (0, 0, 1.0)
        bend = [root, root + 0.12 * out - 0.1 * along, root + 0.2 * out + 0.05 * along]
        parts += chain("main", curve(bend, 3), np.linspace(0.055, 0.035, 7))
    return parts


def pear(rng, proportions):
    """A pear, slim or round, upright, with a stem and with or without a leaf or two."""
    wide, tall = 0.36 * proportions.width * rng.uniform(0.92, 1.08), 0.86 * proportions.height * rng.uniform(0.93, 1.05)
    neck = rng.uniform(0.38, 0.55)
    profile = (
        (0, 0.03),
        (0.5, 0.0),
        (0.92, 0.16),
        (1.0, 0.32),
        (0.85, 0.52),
        (neck + 0.04, 0.72),
        (neck - 0.04, 0.86),
        (0.24, 0.98),
        (0, 0.97),
    )
    parts = [lathe_curve("main", [(wide * r, tall * z) for r, z in profile], steps=3)]
    tip = (rng.uniform(-0.06, 0.06), 0, tall + 0.12)
    parts.append(taper("stem", (0, 0, tall - 0.05), tip, 0.03, 0.038 * max(proportions.thick, 0.9)))
    count = rng.integers(0, 3)
    return parts + [
        _leaf("leaf", (0, 0, tall + 0.02), 90 + 180 * index + rng.uniform(-20, 20), 0.24, 55) for index in range(count)
    ]


def carrot(rng, proportions):
    """A carrot, long or stout, upright on its tip, with grooves and a bunch of leaves."""
    wide, tall = (
        0.17 * proportions.width * max(proportions.thick, 0.85) * rng.uniform(0.9, 1.15),
        0.66 * proportions.height * rng.uniform(0.92, 1.08),
    )
    blunt = rng.choice([0.2, 0.2, 0.5])
    profile = (
        (0, 0),
        (0.6 * blunt * wide, 0.015),
        (0.5 * (blunt + 1) * 0.9 * wide, 0.4 * tall),
        (0.98 * wide, 0.84 * tall),
        (0.8 * wide, 0.97 * tall),
        (0, tall),
    )
    parts = [lathe_curve("main", profile, steps=3)]
    for share in rng.uniform(0.35, 0.85, 3):
        radius = np.interp(share, (0, 0.4, 0.84), (blunt, 0.45 * (blunt + 1), 0.98)) * wide
        parts.append(Part(Torus(radius - 0.012, 0.026), "main", (0, 0, share * tall)))
    count = rng.integers(4, 7)
    for _, (x, y, _z) in around(count, 0.5 * wide, tall, rng.uniform(0, 90)):
        reach, rise = rng.uniform(0.9, 1.9), rng.uniform(0.24, 0.34)
        bend = [
            (0.3 * x, 0.3 * y, tall - 0.02),
            (x, y, tall + 0.5 * rise),
            (x * (1 + reach), y * (1 + reach), tall + rise),
        ]
        parts += chain("leaves", bend, (0.035, 0.042, 0.05))
        parts.append(ball("leaves", bend[-1], 0.06, 0.06, 0.075))
    return [*parts, taper("leaves", (0, 0, tall - 0.02), (0, 0, tall + 0.33), 0.04, 0.055)]


def _grin(rng, wide, tall):
    """Eyes, a nose and a mouth with teeth on the front of a pumpkin, as slabs that reach into it."""
    front, z = -0.7 * wide, 0.52 * tall
    eye = [(-0.1, -0.07), (0.1, -0.07), (0.02, 0.1)]
    mouth = [
        (-0.24, 0.06),
        (-0.12, -0.03),
        (-0.05, 0.0),
        (0.05, 0.0),
        (0.12, -0.03),
        (0.24, 0.06),
        (0.15, -0.1),
        (0.06, -0.13),
        (0, -0.08),
        (-0.06, -0.13),
        (-0.15, -0.1),
    ]
    scale = wide / 0.45
    parts = [sheet("face", np.multiply(mouth, scale), 0.15, (0, front, z - 0.1 * scale))]
    for s in (-1, 1):
        parts.append(
            sheet(
                "face", np.multiply(eye, (s * scale, scale)), 0.14, (0.17 * s * scale, front + 0.015, z + 0.13 * scale)
            )
        )
    return [
        *parts,
        sheet("face", [(-0.045, -0.03), (0.045, -0.03), (0, 0.055)], 0.15, (0, front - 0.005, z + 0.04 * scale)),
    ]


def pumpkin(rng, proportions):
    """A pumpkin with ribs and a stem, flat, round or tall; some with a carved face or a leaf."""
    wide, tall = 0.46 * proportions.width, 0.68 * proportions.height * rng.uniform(0.82, 1.12)
    ribs = rng.choice([8, 9, 10])
    lobes = []
    for angle, place in around(ribs, 0.48 * wide, tall / 2, -90):
        lobes.append(ball("main", place, 0.54 * wide, 1.35 * wide / ribs + 0.05, tall / 2, rotation("z", angle)))
    parts = [*lobes, ball("main", (0, 0, tall / 2), 0.8 * wide, 0.8 * wide, 0.42 * tall)]
    lean = rng.uniform(-0.08, 0.08)
    stem = [(0, 0, 0.88 * tall), (0.3 * lean, 0, tall + 0.04), (lean, 0, tall + 0.14)]
    parts += chain("stem", stem, (0.085, 0.06, 0.065 * max(proportions.thick, 0.9)))
    if rng.random() < 0.4:
        return parts + _grin(rng, wide, tall)
    return [*parts, _leaf("leaf", (0, 0, tall - 0.01), rng.uniform(0, 360), 0.24, 70)] if rng.random() < 0.4 else parts


def _egg_cup(wide, side):
    """A turned cup on a foot, whose rim fits the egg's `side`."""
    foot = ((0, 0), (0.68 * wide, 0), (0.6 * wide, 0.05), (0.22 * wide, 0.12), (0.3 * wide, 0.18), (0.85 * wide, 0.27))
    return Part(Lathe((*foot, (side(0.24) + 0.05, 0.42), (side(0.18), 0.42), (0, 0.3))), "cup")


def _spots(side, tall, low):
    parts = []
    for share in (0.34, 0.55, 0.74):
        for angle, (x, y, _z) in around(6, side(share * tall) - 0.005, 0, 60 * share * 10):
            parts.append(ball("spots", (x, y, low + share * tall), 0.03, 0.07, 0.07, rotation("z", angle)))
    return parts


def _bands(rng, side, tall, half=0.04):
    parts = []
    for share in ((0.5,), (0.35, 0.65), (0.28, 0.5, 0.72))[rng.integers(3)]:
        levels = share * tall + np.array((-half, 0.0, half))
        rim = [(side(z) + proud, z) for z, proud in zip(levels, (0.014, 0.018, 0.014), strict=True)]
        parts.append(Part(Lathe(((0, levels[0]), *rim, (0, levels[2]))), "bands"))
    return parts


def _zigzags(side, tall):
    parts = []
    for share in (0.36, 0.62):
        places = [(share * tall + 0.05 * (-1) ** k, angle) for k, angle in enumerate(np.linspace(0, 2 * np.pi, 13))]
        points = [((side(z) + 0.002) * np.cos(a), (side(z) + 0.002) * np.sin(a), z) for z, a in places]
        parts += chain("bands", points, 0.03)
    return parts


def egg(rng, proportions):
    """An egg upright: plain, with dots, bands or zigzags, on its own or in an egg cup."""
    wide, tall = 0.35 * proportions.width * rng.uniform(0.95, 1.05), 0.92 * proportions.height * rng.uniform(0.94, 1.04)
    turn = np.linspace(0, np.pi, 33)
    radius, height = wide * np.sin(turn) * (1 + 0.16 * np.cos(turn)), tall * (0.5 - 0.5 * np.cos(turn))

    def side(z):
        return float(np.interp(z, height, radius))

    style, low, parts = rng.integers(4), 0.0, []
    if rng.random() < 0.3:
        low, style = 0.24, rng.integers(2)
        parts.append(_egg_cup(wide, side))
    parts.append(Part(Lathe(tuple(zip(np.maximum(radius, 0.0), height, strict=True))), "main", (0, 0, low)))
    if style == 1:
        return parts + _spots(side, tall, low)
    if style == 2:
        return parts + _bands(rng, side, tall)
    return parts + _zigzags(side, tall) if style == 3 else parts


FRUIT_AND_VEGETABLES = (
    Category(
        "banana",
        banana,
        (),
        {"tips": (("tips", "ends", "stem"), ("brown", "black")), "flesh": (("flesh", "inside"), ("white",))},
    ),
    Category("pear", pear, (), {"stem": (("stem",), ("brown",)), "leaf": (("leaf", "leaves"), ("green",))}),
    Category("carrot", carrot, (), {"leaves": (("leaves",), ("green",))}),
    Category(
        "pumpkin",
        pumpkin,
        (),
        {
            "stem": (("stem",), ("green", "brown")),
            "face": (("face",), ("black", "yellow")),
            "leaf": (("leaf",), ("green",)),
        },
    ),
    Category(
        "egg",
        egg,
        (),
        {
            "spots": (("spots", "dots"), ("red", "blue", "yellow")),
            "bands": (("bands", "stripes"), ("red", "blue", "yellow")),
            "cup": (("egg cup", "stand"), ("white", "blue", "brown")),
        },
    ),
)
