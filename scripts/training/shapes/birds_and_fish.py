# SPDX-License-Identifier: GPL-3.0-or-later
"""Ducks and songbirds that face the front, and fish along x with the nose towards -x."""

import numpy as np

from .parts import Category, Part, rotation
from .placing import FLAT, ball, blend, both_sides, chain, cone, curve, eyes_on, sheet, taper
from .primitives import Torus


def _bill(at, size, length):
    """A flat bill of two halves on a head."""
    x, y, z = at
    upper = ball("beak", (x, y - 0.95 * size - 0.4 * length, z - 0.12 * size), 0.5 * size, length, 0.045)
    lower = ball("beak", (x, y - 0.85 * size - 0.3 * length, z - 0.12 * size - 0.05), 0.4 * size, 0.8 * length, 0.035)
    return [upper, lower]


def duck(rng, proportions):
    """A duck that swims like a toy or stands on webbed feet, wings at its sides, its tail up; some with a neck ring."""
    w, h = proportions.width, proportions.height
    wide, long, tall = (
        0.24 * w * rng.uniform(0.92, 1.08),
        0.36 * rng.uniform(0.95, 1.08),
        0.22 * h**0.5 * rng.uniform(0.95, 1.1),
    )
    stands = rng.random() < 0.4
    z = tall + (0.14 if stands else 0.0)
    size, neck = 0.165 * rng.uniform(0.95, 1.1), rng.choice([0.1, 0.2]) * h
    head = (0, -0.62 * long, z + tall + neck)
    body = [
        ball("main", (0, 0, z), wide, long, tall),
        taper("main", (0, 0.6 * long, z + 0.3 * tall), (0, long + 0.06, z + 0.95 * tall), 0.1, 0.042),
        taper("main", (0, -0.5 * long, z + 0.3 * tall), head, 0.62 * size, 0.6 * size),
        ball("main", head, size),
    ]
    parts = [blend("main", body, 0.07), *_bill(head, size, 0.11 * rng.uniform(0.9, 1.3))]
    parts += eyes_on(head, size, (0.62, -0.72, 0.35), 0.035)
    parts += both_sides(
        lambda s: ball("wings", (0.86 * s * wide, 0.1, z + 0.25 * tall), 0.07, 0.24, 0.55 * tall, rotation("x", 12))
    )
    if neck > 0.15 * h and rng.random() < 0.5:
        parts.append(Part(Torus(0.6 * size, 0.035), "collar", (0, -0.58 * long, z + tall + 0.25 * neck)))
    if stands:
        parts += both_sides(
            lambda s: taper("feet", (0.45 * s * wide, 0, z - 0.7 * tall), (0.45 * s * wide, 0, 0.04), 0.035, 0.035)
        )
        foot = ((-0.04, 0.05), (0.04, 0.05), (0.11, -0.15), (0, -0.18), (-0.11, -0.15))
        parts += both_sides(lambda s: sheet("feet", foot, 0.03, (0.45 * s * wide, 0, 0.03), FLAT))
    return parts


def _bird_wings(rng, wide, z, spread):
    """Folded or spread wings."""
    if not spread:
        return both_sides(lambda s: ball("wings", (0.88 * s * wide, 0.08, z), 0.055, 0.24, 0.12, rotation("x", -24)))
    outline = [
        (0, -0.1),
        *curve([(0.2, -0.15), (0.5, -0.1), (0.62, 0.03)], 3),
        (0.45, 0.1),
        (0.3, 0.12),
        (0.15, 0.15),
        (0, 0.14),
    ]
    lift = rng.uniform(12, 35)
    parts = []
    for s in (-1, 1):
        shape = [(s * x, y) for x, y in outline]
        parts.append(sheet("wings", shape, 0.032, (0.5 * s * wide, 0.02, z + 0.02), rotation("y", -s * lift) @ FLAT))
    return parts


def bird(rng, proportions):
    """A songbird with a light belly, a pointed beak and a straight tail, wings folded or spread, on thin legs."""
    w, h = proportions.width, proportions.height
    wide, stand = 0.19 * w * rng.uniform(0.92, 1.12), 0.17 * h * rng.uniform(0.9, 1.15)
    z, size = stand + 0.2 * h**0.5, 0.15 * rng.uniform(0.95, 1.1)
    head = (0, -0.17, z + 0.24 * h**0.5)
    body = [ball("main", (0, 0.02, z), wide, 0.27, 0.19 * h**0.5, rotation("x", -32)), ball("main", head, size)]
    parts = [
        blend("main", body, 0.08),
        ball("belly", (0, -0.1, z - 0.02), 0.8 * wide, 0.2, 0.155 * h**0.5, rotation("x", -32)),
    ]
    tip = np.add(head, (0, -size - 0.12, -0.02))
    parts.append(cone("beak", tip, np.add(head, (0, -0.8 * size, 0)), 0.055, 0.018))
    parts += eyes_on(head, size, (0.68, -0.65, 0.3), 0.032)
    tail, width = 0.36 * rng.uniform(0.85, 1.15), 0.06 * w
    outline = ((-0.8 * width, 0), (0.8 * width, 0), (1.35 * width, tail), (0, tail - 0.05), (-1.35 * width, tail))
    parts.append(sheet("tail", outline, 0.03, (0, 0.2, z - 0.06), rotation("x", -18) @ FLAT))
    parts += _bird_wings(rng, wide, z + 0.03, rng.random() < 0.35)
    x = 0.45 * wide
    parts += both_sides(lambda s: taper("feet", (s * x, 0, z - 0.1), (s * x, -0.02, 0.03), 0.028, 0.026))
    for turn in (-28, 0, 28, 180):
        reach = 0.12 if turn < 90 else 0.08
        dx, dy = reach * np.sin(np.radians(turn)), -reach * np.cos(np.radians(turn))
        parts += both_sides(
            lambda s, dx=dx, dy=dy: taper("feet", (s * x, -0.02, 0.03), (s * x + dx, dy - 0.02, 0.026), 0.03, 0.024)
        )
    if rng.random() < 0.3:
        parts += chain(
            "main", [np.add(head, (0, 0.02, 0.8 * size)), np.add(head, (0, 0.1, 1.7 * size))], (0.045, 0.024)
        )
    return parts


_TAILS = (
    ((0.0, 0.04), (0.24, 0.24), (0.19, 0.06), (0.19, -0.06), (0.24, -0.24), (0.0, -0.04)),
    ((0.0, 0.05), (0.14, 0.17), (0.2, 0.17), (0.23, 0.0), (0.2, -0.17), (0.14, -0.17), (0.0, -0.05)),
    ((0.0, 0.03), (0.16, 0.27), (0.24, 0.3), (0.15, 0.05), (0.15, -0.05), (0.24, -0.3), (0.16, -0.27), (0.0, -0.03)),
)


def _fish_fins(rng, half, tall, flat):
    """Fins above, below and at the sides of a fish of half length `half`."""
    top = [(-0.35 * half, 0), *curve([(-0.2 * half, 0.16), (0.1 * half, 0.2), (0.5 * half, 0.1)], 3), (0.45 * half, 0)]
    parts = [sheet("fins", top, 0.03, (0, 0, 0.8 * tall))]
    low = ((-0.05, 0), (0.2, 0), (0.26, -0.15), (0.14, -0.11))
    parts.append(sheet("fins", low, 0.03, (0.02, 0, -0.78 * tall)))
    side = ((0, 0.05), (0.17, 0.1), (0.2, -0.02), (0.1, -0.09), (0, -0.05))
    return parts + both_sides(
        lambda s: sheet("fins", side, 0.03, (-0.18 * half, 0.9 * s * flat, -0.15 * tall), rotation("z", s * 32))
    )


def fish(rng, proportions):
    """A fish: slim, oval or round, a forked, fan-shaped or crescent tail, fins, some with stripes."""
    w, h = proportions.width, proportions.height
    half, shape = 0.38 * w**0.7 * rng.uniform(0.95, 1.05), rng.choice([0.42, 0.58, 0.78])
    tall, flat = (
        shape * half * h * rng.uniform(0.95, 1.05),
        (0.13 + 0.07 * (shape < 0.5)) * max(proportions.thick, 0.85),
    )
    flat = min(flat, 0.85 * tall)
    body = [
        ball("main", (0, 0, 0), half, flat, tall),
        taper("main", (0.45 * half, 0, 0), (half + 0.02, 0, 0), 0.5 * flat, 0.05),
    ]
    parts = [blend("main", body, 0.08)]
    tail = np.array(_TAILS[rng.integers(len(_TAILS))]) * (1.0, max(0.75, min(h, 1.15)))
    parts.append(sheet("fins", tail, 0.034, (half - 0.03, 0, 0)))
    parts += _fish_fins(rng, half, tall, flat)
    x = -0.62 * half
    rest = np.sqrt(1 - 0.62**2)
    parts += both_sides(lambda s: ball("eyes", (x, s * flat * rest * 0.93, 0.22 * tall), 0.055, 0.035, 0.055))
    parts.append(Part(Torus(0.06, 0.03), "mouth", (-half + 0.02, 0, -0.1 * tall), rotation("y", 90)))
    if rng.random() < 0.5:
        for share in (-0.3, 0.05, 0.4)[: rng.integers(2, 4)]:
            wide = np.sqrt(1 - share**2)
            ring = [
                (1.05 * flat * wide * np.cos(a), 1.03 * tall * wide * np.sin(a))
                for a in np.linspace(0, 2 * np.pi, 24, endpoint=False)
            ]
            parts.append(sheet("stripes", ring, 0.045, (share * half, 0, 0), rotation("z", 90), 0.01))
    return parts


_EYES = (("eyes",), ("black",))

BIRDS_AND_FISH = (
    Category(
        "duck",
        duck,
        ("duckling", "rubber duck"),
        {
            "beak": (("beak", "bill"), ("orange", "yellow")),
            "wings": (("wings",), None),
            "feet": (("feet",), ("orange",)),
            "collar": (("collar", "neck ring"), ("white", "red")),
            "eyes": _EYES,
        },
    ),
    Category(
        "bird",
        bird,
        ("songbird", "sparrow"),
        {
            "beak": (("beak",), ("orange", "yellow", "black")),
            "belly": (("belly", "chest"), ("white", "orange", "yellow")),
            "wings": (("wings",), None),
            "tail": (("tail",), None),
            "feet": (("feet", "legs"), ("orange", "brown")),
            "eyes": _EYES,
        },
    ),
    Category(
        "fish",
        fish,
        ("goldfish",),
        {
            "fins": (("fins",), None),
            "stripes": (("stripes",), ("white", "black", "yellow")),
            "mouth": (("mouth", "lips"), ("pink", "red")),
            "eyes": _EYES,
        },
    ),
)
